// SPDX-License-Identifier: Apache-2.0
// The two pictures that pass between rooms: 8-bit images and float maps. OpenCV stays inside this room's sources.
// Layout, once for the whole program: row-major, origin top left; Image is interleaved HWC, RGB order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace normadd::imaging {

struct Size {
  int height = 0;
  int width = 0;
  bool operator==(const Size&) const = default;
};

/// 8-bit image, HWC; channels 3 (RGB) or 1 (mask; grey).
struct Image {
  Image() = default;
  Image(int height, int width, int channels)
      : height(height), width(width), channels(channels), pixels(static_cast<std::size_t>(height) * width * channels) {}
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<std::uint8_t> pixels;

  Size size() const { return {height, width}; }
  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * width * channels; }
  const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * width * channels; }
};

/// Binary mask: an Image with one channel whose pixels are 0 or 1.
using Mask = Image;

/// float32 [H, W].
struct Map {
  Map() = default;
  Map(int height, int width, float value = 0.0f)
      : height(height), width(width), values(static_cast<std::size_t>(height) * width, value) {}
  int height = 0;
  int width = 0;
  std::vector<float> values;

  Size size() const { return {height, width}; }
  float* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
  const float* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
};

}  // namespace normadd::imaging
