// SPDX-License-Identifier: Apache-2.0
// Names from data as parts of the names of other programs: MLflow's keys, TensorBoard's tags, files.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace normadd::exports {

enum class Alphabet {
  kUtf8,   // any text without control characters and '/'
  kPlain,  // A-Z a-z 0-9 _ - . and blanks: what every version of MLflow takes, and file names without trouble
};

/// The text itself where it consists of allowed characters, is no "." or ".." and has at most max_bytes (at least 16);
/// otherwise with '_' in place of the others, cut, and with "-" and 8 hexadecimal digits of its hash at the end, so
/// that different texts stay different. Never empty, never with a blank at either end.
std::string safe_part(std::string_view text, Alphabet alphabet, std::size_t max_bytes = 80);

/// The parts joined by '/', at most max_bytes together.
std::string safe_key(const std::vector<std::string>& parts, Alphabet alphabet, std::size_t max_bytes = 250);

/// Gives every key only once: a second one gets a hash of whatever tells it apart (identity).
class UniqueKeys {
 public:
  std::string add(const std::string& key, const std::string& identity);

 private:
  std::set<std::string> taken_;
};

/// text with at most max_characters code points, marked with "…" where something was cut; invalid UTF-8 replaced.
std::string cut_text(std::string_view text, std::size_t max_characters);

}  // namespace normadd::exports
