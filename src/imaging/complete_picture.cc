// SPDX-License-Identifier: Apache-2.0
#include "imaging/complete_picture.h"

#include <cstdint>
#include <cstring>

namespace normadd::imaging {
namespace {

bool starts_with(const std::string& bytes, const char* magic, std::size_t size) {
  return bytes.size() >= size && std::memcmp(bytes.data(), magic, size) == 0;
}

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

bool png_has_its_end(const std::string& bytes) {
  constexpr std::size_t kSignature = 8, kChunkFrame = 12;
  for (std::size_t at = kSignature; at + kChunkFrame <= bytes.size();) {
    if (bytes.compare(at + 4, 4, "IEND") == 0) return true;
    at += kChunkFrame + std::size_t{big_endian(bytes, at)};
  }
  return false;
}

/// Walks the segments: a search for the end marker alone would find the one of a thumbnail inside.
bool jpeg_has_its_end(const std::string& bytes) {
  constexpr unsigned char kEndOfImage = 0xd9, kStartOfScan = 0xda;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  // In a scan's data 0xff is followed by 0, by a restart marker, or by the next segment.
  const auto is_data = [](unsigned char marker) { return marker == 0 || (marker >= 0xd0 && marker <= 0xd7); };
  bool in_scan = false;
  for (std::size_t at = 2; at + 1 < bytes.size();) {
    const bool is_marker = byte(at) == 0xff && byte(at + 1) != 0xff;
    if (!is_marker || (in_scan && is_data(byte(at + 1)))) {
      ++at;
      continue;
    }
    if (byte(at + 1) == kEndOfImage) return true;
    in_scan = byte(at + 1) == kStartOfScan;
    if (at + 3 >= bytes.size()) return false;
    at += 2 + (std::size_t{byte(at + 2)} << 8 | byte(at + 3));
  }
  return false;
}

}  // namespace

PictureEnd find_picture_end(const std::string& bytes) {
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n", 8) && !png_has_its_end(bytes)) return PictureEnd::kMissingInPng;
  if (starts_with(bytes, "\xff\xd8\xff", 3) && !jpeg_has_its_end(bytes)) return PictureEnd::kMissingInJpeg;
  return PictureEnd::kPresent;
}

}  // namespace normadd::imaging
