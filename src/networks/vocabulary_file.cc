// SPDX-License-Identifier: Apache-2.0
#include "networks/vocabulary_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"
#include "networks/clip_vocabulary.h"

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

/// A gzip text in memory.
std::string unpacked(std::string_view packed) {
  constexpr int kGzip = 16 + MAX_WBITS;
  z_stream stream{};
  NORMADD_CHECK(inflateInit2(&stream, kGzip) == Z_OK, "inflateInit2");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::array<char, 1 << 16> buffer;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  NORMADD_CHECK(status == Z_STREAM_END, std::to_string(status));
  return text;
}

std::vector<std::pair<std::string, std::string>> parse_merges(const std::string& text,
                                                              const std::filesystem::path& file) {
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

}  // namespace

std::optional<std::filesystem::path> find_vocabulary(const std::filesystem::path& folder) {
  for (const char* name : kFileNames) {
    if (std::filesystem::is_regular_file(folder / name)) return folder / name;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> read_vocabulary(const std::filesystem::path& file) {
  return parse_merges(read_unpacked(file), file);
}

std::vector<std::pair<std::string, std::string>> clip_vocabulary() {
  return parse_merges(unpacked(packed_clip_vocabulary()), "CLIP's vocabulary");
}
void write_vocabulary(const std::filesystem::path& folder,
                      const std::vector<std::pair<std::string, std::string>>& merges) {
  std::string text = "#version: 0.2\n";
  for (const auto& [first, second] : merges) text += first + ' ' + second + '\n';
  core::write_file_atomically(folder / "merges.txt", text);
}

}  // namespace normadd::networks
