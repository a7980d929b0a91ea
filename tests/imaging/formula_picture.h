// SPDX-License-Identifier: Apache-2.0
// Pictures and maps from integer formulas, the same as in tests/golden/imaging/make_imaging_goldens.py: no large inputs
// need to be stored.
#pragma once

#include "imaging/image.h"

namespace normadd::test {

inline imaging::Image formula_picture(imaging::Size size, int channels) {
  imaging::Image image(size.height, size.width, channels);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < channels; ++c) {
        long value = (7L * x * x + 13L * y * y + 3L * x * y + 29L * c + 11L * (x / 8) * (y / 4)) % 256;
        if ((x / 5 + y / 7) % 6 == 0) value = 255;
        if ((x / 3 + y / 11 + c) % 7 == 0) value = 0;
        image.row(y)[x * channels + c] = static_cast<std::uint8_t>(value);
      }
    }
  }
  return image;
}

inline imaging::Map formula_map(imaging::Size size) {
  imaging::Map map(size.height, size.width);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      map.row(y)[x] = static_cast<float>((x * 37 + y * 101 + x * y * 5) % 251) / 64.0f;
    }
  }
  return map;
}

}  // namespace normadd::test
