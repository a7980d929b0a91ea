// SPDX-License-Identifier: Apache-2.0
#include "networks/vocabulary_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <memory>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::networks {
namespace {

/// 49 408 ids less 2 x 256 bytes, start and end. The published file has more lines, which no CLIP uses.
constexpr std::size_t kClipMerges = 48'894;
constexpr const char* kFileNames[] = {"merges.txt", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"};
constexpr const char* kDamagedHint = "Take the vocabulary again from where the weights come from.";

/// The file's text, unpacked when it is gzip.
std::string read_unpacked(const std::filesystem::path& file) {
  gzFile input = gzopen(file.c_str(), "rb");
  if (input == nullptr) throw core::WeightsError("the vocabulary cannot be opened", file.string(), kDamagedHint);
  std::string text;
  std::array<char, 1 << 16> buffer;
  int count = 0;
  while ((count = gzread(input, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  const int status = gzclose(input);
  if (count < 0 || status != Z_OK) {
    throw core::WeightsError("the vocabulary is truncated or not readable as gzip", file.string(), kDamagedHint);
  }
  return text;
}

}  // namespace

std::filesystem::path find_vocabulary(const std::filesystem::path& folder) {
  for (const char* name : kFileNames) {
    if (std::filesystem::is_regular_file(folder / name)) return folder / name;
  }
  throw core::WeightsError("the model has no vocabulary", folder.string(),
                           "Put merges.txt or bpe_simple_vocab_16e6.txt.gz into the model's folder.");
}

std::vector<std::pair<std::string, std::string>> read_vocabulary(const std::filesystem::path& file) {
  const std::string text = read_unpacked(file);
  std::vector<std::pair<std::string, std::string>> merges;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size() && merges.size() < kClipMerges;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.pop_back();
    begin = end + 1;
    ++line_number;
    if (line.empty() || (line_number == 1 && line.find("#version") != std::string::npos)) continue;
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || space == 0 || space + 1 == line.size() ||
        line.find(' ', space + 1) != std::string::npos) {
      throw core::WeightsError(fmt::format("'{}' is not a merge of two symbols", line),
                               fmt::format("{}:{}", file.string(), line_number), kDamagedHint);
    }
    merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return merges;
}

void write_vocabulary(const std::filesystem::path& folder,
                      const std::vector<std::pair<std::string, std::string>>& merges) {
  std::string text = "#version: 0.2\n";
  for (const auto& [first, second] : merges) text += first + ' ' + second + '\n';
  core::write_file_atomically(folder / "merges.txt", text);
}

}  // namespace normadd::networks
