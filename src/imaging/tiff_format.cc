// SPDX-License-Identifier: Apache-2.0
#include "imaging/tiff_format.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <opencv2/core.hpp>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "imaging/map_codec.h"

namespace normadd::imaging {
namespace {

using namespace std::string_view_literals;

constexpr const char* kExportAgain = "Write the map again as float32 TIFF with one channel and one page.";

/// A file in memory, as LibTIFF's client functions want it, and what LibTIFF has to say about it.
struct Memory {
  std::string bytes;
  std::uint64_t at = 0;
  std::string complaint;
};

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t size) {
  auto& memory = *static_cast<Memory*>(handle);
  const std::uint64_t left = memory.at < memory.bytes.size() ? memory.bytes.size() - memory.at : 0;
  const std::uint64_t count = std::min(left, static_cast<std::uint64_t>(size));
  std::memcpy(to, memory.bytes.data() + std::min<std::uint64_t>(memory.at, memory.bytes.size()), count);
  memory.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_bytes(thandle_t handle, void* from, tmsize_t size) {
  auto& memory = *static_cast<Memory*>(handle);
  const std::uint64_t end = memory.at + static_cast<std::uint64_t>(size);
  if (memory.bytes.size() < end) memory.bytes.resize(end);
  std::memcpy(memory.bytes.data() + memory.at, from, static_cast<std::size_t>(size));
  memory.at = end;
  return size;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& memory = *static_cast<Memory*>(handle);
  const std::uint64_t base = whence == SEEK_CUR ? memory.at : whence == SEEK_END ? memory.bytes.size() : 0;
  memory.at = base + offset;
  return memory.at;
}

int close_nothing(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return static_cast<Memory*>(handle)->bytes.size(); }
int map_nothing(thandle_t, void**, toff_t*) { return 0; }
void unmap_nothing(thandle_t, void*, toff_t) {}

int keep_first(TIFF*, void* data, const char*, const char* format, va_list arguments) {
  auto& memory = *static_cast<Memory*>(data);
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  if (memory.complaint.empty()) memory.complaint = text.data();
  return 1;
}
int ignore(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using Tiff = std::unique_ptr<TIFF, void (*)(TIFF*)>;

Tiff open(Memory& memory, const char* mode) {
  // LibTIFF would otherwise print to standard error.
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_first, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore, nullptr);
  return {TIFFClientOpenExt("map", mode, &memory, read_bytes, write_bytes, seek, close_nothing, size_of, map_nothing,
                            unmap_nothing, options.get()),
          TIFFClose};
}

class Decoder {
 public:
  Decoder(const std::string& bytes, const std::filesystem::path& path)
      : memory_{bytes, 0, ""}, path_(path), tiff_(open(memory_, "rm")) {}

  Map decode(bool& whole_numbers) {
    if (tiff_ == nullptr) fail_damaged();
    const int depth = depth_of_numbers();
    whole_numbers = depth == CV_8U || depth == CV_16U;
    if (TIFFIsTiled(tiff_.get()) != 0) {
      read_tiles(depth);
    } else {
      read_strips(depth);
    }
    return std::move(map_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw core::DataError(what, path_.string(), kExportAgain); }
  [[noreturn]] void fail_damaged() const {
    fail(memory_.complaint.empty() ? "the TIFF file is truncated or damaged"
                                   : fmt::format("the TIFF file is truncated or damaged ({})", memory_.complaint));
  }

  template <typename Number>
  Number tag(std::uint32_t name, Number otherwise) const {
    Number value{};
    return TIFFGetFieldDefaulted(tiff_.get(), name, &value) == 1 ? value : otherwise;
  }

  /// Checks what the page says of itself, makes the map, and returns OpenCV's name of the stored numbers.
  int depth_of_numbers() {
    const auto width = tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0), height = tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
    if (width == 0 || height == 0 || std::int64_t{width} > kLargestMap || std::int64_t{height} > kLargestMap ||
        std::int64_t{width} * height > kLargestMap) {
      fail(fmt::format("the TIFF file says it has {} x {} pixels, which no map has", width, height));
    }
    if (const auto channels = tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1); channels != 1) {
      fail(fmt::format("the TIFF file has {} channels, a map has one", channels));
    }
    if (const auto pages = TIFFNumberOfDirectories(tiff_.get()); pages != 1) {
      fail(fmt::format("the TIFF file has {} pages, a map has one", pages));
    }
    if (tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) != PHOTOMETRIC_MINISBLACK) {
      fail("the TIFF file holds colours or inverted greys, not numbers");
    }
    const auto compression = tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    if (TIFFIsCODECConfigured(compression) == 0) {
      fail(fmt::format("this program's LibTIFF cannot undo compression number {}", compression));
    }
    // A few damaged bytes shall not cost a gigabyte: these cannot make a file smaller than this.
    constexpr std::uint64_t kMostPixelsPerByte = 5000;
    const bool bounded = compression == COMPRESSION_NONE || compression == COMPRESSION_LZW ||
                         compression == COMPRESSION_ADOBE_DEFLATE || compression == COMPRESSION_DEFLATE ||
                         compression == COMPRESSION_PACKBITS;
    if (bounded && std::uint64_t{width} * height / kMostPixelsPerByte > memory_.bytes.size()) fail_damaged();
    const auto bits = tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
    const auto format = tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    int depth = -1;
    if (format == SAMPLEFORMAT_IEEEFP) depth = bits == 16 ? CV_16F : bits == 32 ? CV_32F : bits == 64 ? CV_64F : -1;
    if (format == SAMPLEFORMAT_UINT) depth = bits == 8 ? CV_8U : bits == 16 ? CV_16U : -1;
    if (depth == -1) {
      fail(fmt::format("the TIFF file has {}-bit {}, known are float16, float32, float64, uint8 and uint16", bits,
                       format == SAMPLEFORMAT_IEEEFP ? "floats"
                       : format == SAMPLEFORMAT_UINT ? "unsigned integers"
                                                     : "numbers of another kind"));
    }
    map_ = Map(static_cast<int>(height), static_cast<int>(width));
    return depth;
  }

  /// rows x columns stored numbers of a block, of which only those inside the map count.
  void place(std::vector<unsigned char>& block, int depth, int rows, int columns, int top, int left) {
    cv::Mat floats;
    cv::Mat(rows, columns, depth, block.data()).convertTo(floats, CV_32F);
    const int used_rows = std::min(rows, map_.height - top), used_columns = std::min(columns, map_.width - left);
    for (int y = 0; y < used_rows; ++y) std::copy_n(floats.ptr<float>(y), used_columns, map_.row(top + y) + left);
  }

  void read_strips(int depth) {
    const auto rows_per_strip = static_cast<int>(
        std::min(tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0), static_cast<std::uint32_t>(map_.height)));
    if (rows_per_strip == 0) fail_damaged();
    const std::size_t row_bytes = static_cast<std::size_t>(map_.width) * CV_ELEM_SIZE1(depth);
    std::vector<unsigned char> block;
    std::uint32_t strip = 0;
    for (int top = 0; top < map_.height; top += rows_per_strip, ++strip) {
      const int rows = std::min(rows_per_strip, map_.height - top);
      block.resize(row_bytes * static_cast<std::size_t>(rows));
      const auto wanted = static_cast<tmsize_t>(block.size());
      if (TIFFReadEncodedStrip(tiff_.get(), strip, block.data(), wanted) != wanted) fail_damaged();
      place(block, depth, rows, map_.width, top, 0);
    }
  }

  void read_tiles(int depth) {
    const auto tile_width = tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0),
               tile_height = tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
    const tmsize_t wanted = TIFFTileSize(tiff_.get());
    if (tile_width == 0 || tile_height == 0 || std::int64_t{tile_width} * tile_height > kLargestMap ||
        wanted != static_cast<tmsize_t>(std::uint64_t{tile_width} * tile_height * CV_ELEM_SIZE1(depth))) {
      fail_damaged();
    }
    std::vector<unsigned char> block(static_cast<std::size_t>(wanted));
    std::uint32_t tile = 0;
    for (int top = 0; top < map_.height; top += static_cast<int>(tile_height)) {
      for (int left = 0; left < map_.width; left += static_cast<int>(tile_width), ++tile) {
        if (TIFFReadEncodedTile(tiff_.get(), tile, block.data(), wanted) != wanted) fail_damaged();
        place(block, depth, static_cast<int>(tile_height), static_cast<int>(tile_width), top, left);
      }
    }
  }

  Memory memory_;
  const std::filesystem::path& path_;
  Tiff tiff_;
  Map map_;
};

}  // namespace

bool is_tiff(const std::string& bytes) {
  for (const auto magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (bytes.starts_with(magic)) return true;
  }
  return false;
}

Map decode_tiff(const std::string& bytes, const std::filesystem::path& path, bool& whole_numbers) {
  return Decoder(bytes, path).decode(whole_numbers);
}

std::string encode_tiff(const Map& map, const std::filesystem::path& path) {
  Memory memory;
  {
    const Tiff tiff = open(memory, "wl");
    bool written = tiff != nullptr;
    const auto set = [&](std::uint32_t tag, auto value) {
      written = written && TIFFSetField(tiff.get(), tag, value) == 1;
    };
    set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(map.width));
    set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(map.height));
    set(TIFFTAG_BITSPERSAMPLE, 32);
    set(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
    set(TIFFTAG_SAMPLESPERPIXEL, 1);
    set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    set(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    set(TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(map.height));
    const auto size = static_cast<tmsize_t>(map.values.size() * sizeof(float));
    written = written && TIFFWriteEncodedStrip(tiff.get(), 0, const_cast<float*>(map.values.data()), size) == size;
    written = written && TIFFFlush(tiff.get()) == 1;
    if (!written) throw core::InternalError("the map could not be encoded: " + memory.complaint, path.string(), "");
  }
  return std::move(memory.bytes);
}

}  // namespace normadd::imaging
