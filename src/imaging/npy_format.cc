// SPDX-License-Identifier: Apache-2.0
#include "imaging/npy_format.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <opencv2/core.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "imaging/map_codec.h"

namespace normadd::imaging {
namespace {

constexpr const char* kSaveAgain = "Save it again with numpy.save(file, map.astype('float32')).";

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// Reads the header: a Python dictionary of three known keys, of which nothing but these is accepted.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::filesystem::path& path) : text_(text), path_(path) {}

  Header read() {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::int64_t>> shape;
    expect('{');
    while (!next_is('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !descr) {
        // A list here describes records, which hold several numbers each.
        if (next_is('[')) fail("it holds records, not plain numbers");
        descr = quoted();
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = boolean();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        fail(fmt::format("its header has the unexpected key '{}'", key));
      }
      if (!next_is('}')) expect(',');
    }
    expect('}');
    skip_spaces();
    if (at_ != text_.size() || !descr || !fortran_order || !shape) fail("its header is damaged");
    return {*descr, *fortran_order, *shape};
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw core::DataError("the NPY file cannot be read: " + what, path_.string(), kSaveAgain);
  }
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool next_is(char wanted) {
    skip_spaces();
    return at_ < text_.size() && text_[at_] == wanted;
  }
  void expect(char wanted) {
    if (!next_is(wanted)) fail("its header is damaged");
    ++at_;
  }
  std::string quoted() {
    expect('\'');
    const auto end = text_.find('\'', at_);
    if (end == std::string_view::npos) fail("its header is damaged");
    std::string word(text_.substr(at_, end - at_));
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    }
    fail("its header is damaged");
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> numbers;
    expect('(');
    while (!next_is(')')) {
      constexpr std::size_t kMostDigits = 12;
      std::string digits;
      for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0; ++at_)
        digits += text_[at_];
      if (digits.empty() || digits.size() > kMostDigits) fail("its header is damaged");
      numbers.push_back(std::stoll(digits));
      if (!next_is(')')) expect(',');
    }
    expect(')');
    return numbers;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  const std::filesystem::path& path_;
};

/// Moves past signature, version and header; leaves the numbers.
Header split(std::string_view& bytes, const std::filesystem::path& path) {
  constexpr std::size_t kBeforeLength = 8;
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at])); };
  const auto truncated = [&]() -> Header {
    throw core::DataError("the NPY file is truncated", path.string(), "Copy it again, or save it again.");
  };
  if (bytes.size() < kBeforeLength + 4) return truncated();
  const std::size_t version = byte(6), length_bytes = version == 1 ? 2 : 4;
  if (version < 1 || version > 3) {
    throw core::DataError(fmt::format("the NPY file has version {}, known are 1 to 3", version), path.string(),
                          kSaveAgain);
  }
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) length = length << 8 | byte(kBeforeLength + i);
  const std::size_t begin = kBeforeLength + length_bytes;
  if (bytes.size() - begin < length) return truncated();
  const Header header = HeaderReader(bytes.substr(begin, length), path).read();
  bytes.remove_prefix(begin + length);
  return header;
}

/// OpenCV's name of the numbers and their size in bytes.
std::pair<int, std::size_t> number_kind(const Header& header, const std::filesystem::path& path) {
  const std::string kind = header.descr.empty() ? "" : header.descr.substr(1);
  if (kind == "f2") return {CV_16F, 2};
  if (kind == "f4") return {CV_32F, 4};
  if (kind == "f8") return {CV_64F, 8};
  if (header.descr.find('O') != std::string::npos) {
    throw core::DataError("the NPY file holds pickled Python objects, which are never loaded", path.string(),
                          kSaveAgain);
  }
  throw core::DataError(fmt::format("the NPY file holds numbers of type '{}', not floats", header.descr), path.string(),
                        kSaveAgain);
}

Size map_size(const std::vector<std::int64_t>& shape, const std::filesystem::path& path) {
  std::vector<std::int64_t> sides = shape;
  if (sides.size() == 3 && sides.front() == 1) {
    sides.erase(sides.begin());
  } else if (sides.size() == 3 && sides.back() == 1) {
    sides.pop_back();
  }
  if (sides.size() != 2) {
    throw core::DataError(
        fmt::format("the array has shape ({}), a map is (H, W), (1, H, W) or (H, W, 1)", fmt::join(shape, ", ")),
        path.string(), "Save one map per file.");
  }
  if (sides[0] == 0 || sides[1] == 0 || sides[0] > kLargestMap || sides[1] > kLargestMap ||
      sides[0] * sides[1] > kLargestMap) {
    throw core::DataError(fmt::format("the array has shape ({}), which no map has", fmt::join(shape, ", ")),
                          path.string(), kSaveAgain);
  }
  return {static_cast<int>(sides[0]), static_cast<int>(sides[1])};
}

}  // namespace

Map decode_npy(const std::string& bytes, const std::filesystem::path& path) {
  std::string_view rest = bytes;
  const Header header = split(rest, path);
  const auto [depth, number_bytes] = number_kind(header, path);
  const Size size = map_size(header.shape, path);
  const std::size_t count = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
  if (rest.size() != count * number_bytes) {
    throw core::DataError(
        fmt::format("the NPY file has {} bytes of numbers, its shape asks for {}", rest.size(), count * number_bytes),
        path.string(), "It is truncated or damaged: copy it again, or save it again.");
  }
  std::string numbers(rest);
  const bool is_little = header.descr[0] == '<' || header.descr[0] == '=';
  if (is_little != (std::endian::native == std::endian::little)) {
    for (std::size_t at = 0; at < numbers.size(); at += number_bytes) {
      std::reverse(numbers.begin() + static_cast<std::ptrdiff_t>(at),
                   numbers.begin() + static_cast<std::ptrdiff_t>(at + number_bytes));
    }
  }
  // In Fortran's order the file holds the transpose, row by row.
  const bool transposed = header.fortran_order;
  cv::Mat stored(transposed ? size.width : size.height, transposed ? size.height : size.width, depth, numbers.data());
  cv::Mat floats;
  stored.convertTo(floats, CV_32F);
  if (transposed) floats = floats.t();
  Map map(size.height, size.width);
  for (int y = 0; y < map.height; ++y) std::copy_n(floats.ptr<float>(y), map.width, map.row(y));
  return map;
}

std::string encode_npy(const Map& map) {
  constexpr std::size_t kAlignment = 64, kBeforeHeader = 10;
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", map.height, map.width);
  while ((kBeforeHeader + header.size() + 1) % kAlignment != 0) header += ' ';
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  for (const float value : map.values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return bytes;
}

}  // namespace normadd::imaging
