// SPDX-License-Identifier: Apache-2.0
// Connected regions of a mask: what AUPRO calls defects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace normadd::metrics {

struct Regions {
  std::vector<std::uint32_t> labels;  // per pixel: 0 = none, else 1 + index into sizes
  std::vector<std::uint32_t> sizes;   // pixels, in the order of each region's first pixel, row by row
};

/// 8-connected regions of the pixels that are not 0 (scipy.ndimage.label with a structure of 3 x 3 ones). mask: rows of
/// width pixels. Throws DataError when width does not divide the mask's length.
Regions find_regions(std::span<const std::uint8_t> mask, std::size_t width);

}  // namespace normadd::metrics
