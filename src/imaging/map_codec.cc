// SPDX-License-Identifier: Apache-2.0
#include "imaging/map_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "core/atomic_file.h"
#include "core/error.h"
#include "imaging/complete_picture.h"
#include "imaging/npy_format.h"
#include "imaging/tiff_format.h"

namespace normadd::imaging {
namespace {

Map decode_png(const std::string& bytes, const std::filesystem::path& path) {
  const auto fail = [&](const std::string& what, const std::string& hint) {
    throw core::DataError(what, path.string(), hint);
  };
  if (find_picture_end(bytes) != PictureEnd::kPresent) fail("the PNG file is truncated", "Export the map again.");
  // IHDR comes first: width and height, big-endian, at bytes 16 and 20.
  const auto side = [&](std::size_t at) {
    std::int64_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) value = value * 256 + static_cast<unsigned char>(bytes[i]);
    return value;
  };
  if (bytes.size() < 24 || side(16) * side(20) > kLargestMap) {
    fail("the PNG is larger than any map", "Export the map at the size of its picture.");
  }
  cv::Mat picture;
  try {
    picture = cv::imdecode(cv::Mat(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data())),
                           cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception&) {
    picture.release();
  }
  if (picture.empty()) fail("the PNG file cannot be decoded", "Export the map again.");
  if (picture.channels() != 1) {
    fail(fmt::format("the PNG has {} channels, a map has one", picture.channels()),
         "Export the numbers as grey PNG, TIFF or NPY; a picture in false colours cannot be turned back into them.");
  }
  Map map(picture.rows, picture.cols);
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      map.row(y)[x] = picture.depth() == CV_16U ? picture.at<std::uint16_t>(y, x) : picture.at<std::uint8_t>(y, x);
    }
  }
  return map;
}

void apply(const MapScale& scale, Map& map) {
  for (float& value : map.values) value = static_cast<float>(scale.scale.value_or(1) * value + scale.offset);
}

void require_finite(const Map& map, const std::filesystem::path& path) {
  const auto bad =
      std::find_if(map.values.begin(), map.values.end(), [](float value) { return !std::isfinite(value); });
  if (bad == map.values.end()) return;
  const auto index = bad - map.values.begin();
  throw core::DataError(
      fmt::format("the map is {} in row {}, column {}", std::isnan(*bad) ? "not a number" : "infinite",
                  index / map.width, index % map.width),
      path.string(), "Write finite numbers; there is no score in a map that has others.");
}

}  // namespace

Map read_map(const std::filesystem::path& path, const MapScale& scale) {
  const std::string bytes = core::read_file(path);
  Map map;
  if (bytes.empty()) throw core::DataError("the map file has no bytes", path.string(), "Export the map again.");
  if (bytes.starts_with("\x93NUMPY")) {
    map = decode_npy(bytes, path);
  } else if (bytes.starts_with("\x89PNG\r\n\x1a\n")) {
    if (!scale.scale) {
      throw core::DataError("a PNG holds whole numbers whose meaning must be told", path.string(),
                            "Give the scale it was written with: value = scale * pixel + offset.");
    }
    map = decode_png(bytes, path);
    apply(scale, map);
  } else if (is_tiff(bytes)) {
    bool whole_numbers = false;
    map = decode_tiff(bytes, path, whole_numbers);
    if (whole_numbers) apply(scale, map);
  } else {
    throw core::DataError("the file is no TIFF, NPY or PNG", path.string(),
                          "Write maps as float32 TIFF or NPY, or as grey PNG with a scale.");
  }
  require_finite(map, path);
  return map;
}

void write_tiff_map(const std::filesystem::path& path, const Map& map) {
  core::write_file_atomically(path, encode_tiff(map, path));
}

void write_npy_map(const std::filesystem::path& path, const Map& map) {
  core::write_file_atomically(path, encode_npy(map));
}

void require_non_negative(const Map& map, const std::filesystem::path& path) {
  const auto lowest = std::min_element(map.values.begin(), map.values.end());
  if (lowest == map.values.end() || *lowest >= 0) return;
  throw core::DataError(fmt::format("the map has negative values, the lowest is {}", *lowest), path.string(),
                        "Normality addition multiplies: shift such maps by their minimum over train/good.");
}

}  // namespace normadd::imaging
