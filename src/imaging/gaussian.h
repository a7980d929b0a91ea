// SPDX-License-Identifier: Apache-2.0
// Gaussian blur equal to scipy.ndimage.gaussian_filter: truncate 4 (sigma 4: radius 16, 33 taps), border d c b a|a b c
// d|d c b a.
#pragma once

#include "imaging/image.h"

namespace normadd::imaging {

enum class Border { kReflect, kReflect101 };

/// sigma in pixels of the map, > 0; double accumulation, float32 result.
Map gaussian_blur(const Map& map, double sigma, Border border = Border::kReflect);

}  // namespace normadd::imaging
