// SPDX-License-Identifier: Apache-2.0
// Usable answers as they came from a language model: kept in a cache, one file each, and beside the set made of them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace normadd::normality {

/// What an answer depends on.
struct AnswerKey {
  std::string base_url, model;  // as asked
  std::string instruction, instruction_sha256;
  std::string category, type;
  int n = 0;
  std::optional<double> temperature;
  std::optional<int> seed;
  std::optional<int> max_tokens;

  bool operator==(const AnswerKey&) const = default;
};

struct RejectedAnswer {
  std::string content;
  std::vector<std::string> problems;

  bool operator==(const RejectedAnswer&) const = default;
};

struct RawAnswer {
  AnswerKey key;
  std::string model;  // as the server called it
  std::string fingerprint;
  std::string date;                      // UTC, "2025-01-31T12:00:00Z"
  std::vector<RejectedAnswer> rejected;  // earlier answers to the same request, in order
  std::string content;                   // the answer that was used

  bool operator==(const RawAnswer&) const = default;
};

/// One JSON object on one line.
std::string to_json_line(const RawAnswer& answer);
/// Throws DataError at where when the text is no such object.
RawAnswer raw_answer_from_json(const std::string& text, const std::string& where);

/// One file per key, so that a program that was killed loses at most the answer that it waited for.
class AnswerCache {
 public:
  explicit AnswerCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Nothing when there is none; a damaged file counts as none, with a warning.
  std::optional<RawAnswer> find(const AnswerKey& key) const;
  /// Throws OutputError.
  void store(const RawAnswer& answer) const;
  std::filesystem::path file_of(const AnswerKey& key) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace normadd::normality
