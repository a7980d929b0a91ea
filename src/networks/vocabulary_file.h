// SPDX-License-Identifier: Apache-2.0
// A byte-pair vocabulary on disk: one merge per line, best rank first, "first second"; an optional first line with
// "#version".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace normadd::networks {

/// merges.txt, bpe_simple_vocab_16e6.txt.gz or bpe_simple_vocab_16e6.txt in the folder, or nothing.
std::optional<std::filesystem::path> find_vocabulary(const std::filesystem::path& folder);

/// Plain or gzip. At most the 48 894 merges that CLIP uses. Throws WeightsError naming file and line.
std::vector<std::pair<std::string, std::string>> read_vocabulary(const std::filesystem::path& file);

/// The one that the program carries.
std::vector<std::pair<std::string, std::string>> clip_vocabulary();

/// Writes folder/merges.txt atomically.
void write_vocabulary(const std::filesystem::path& folder,
                      const std::vector<std::pair<std::string, std::string>>& merges);

}  // namespace normadd::networks
