// SPDX-License-Identifier: Apache-2.0
// Resampling that equals Pillow byte for byte, because published numbers depend on it.
// Source: Pillow src/libImaging/Resample.c (behaviour): support x max(1, in/out), 22-bit fixed-point coefficients,
// horizontal then vertical pass, rounding and clipping to 8 bits after each. Equal to Pillow up to version 12, with
// which the published numbers were made; since 13 Pillow takes the vertical pass first for some tall pictures, which
// moves single pixels by one.
#pragma once

#include <string>

#include "imaging/image.h"

namespace normadd::imaging {

enum class Filter { kNearest, kBilinear, kBicubic, kLanczos };

/// "nearest", "bilinear", "bicubic", "lanczos". Throws ConfigError with the valid names.
Filter parse_filter(const std::string& name);

/// One or three channels; kNearest takes the pixel under the centre of the target pixel (Pillow's rule).
Image resize(const Image& image, Size size, Filter filter);

/// Bilinear for float maps, align_corners = false, no antialias (torch.nn.functional.interpolate's default).
Map resize_bilinear(const Map& map, Size size);

}  // namespace normadd::imaging
