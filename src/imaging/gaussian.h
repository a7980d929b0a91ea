// SPDX-License-Identifier: Apache-2.0
// Gaussian blur equal to scipy.ndimage.gaussian_filter: truncate 4 (sigma 4: radius 16, 33 taps), border d c b a|a b c
// d|d c b a.
#pragma once

#include "imaging/image.h"

namespace normadd::imaging {

enum class Border { kReflect, kReflect101 };

/// Wider ones than this would blur any map into a constant.
inline constexpr double kLargestSigma = 1000;

/// sigma in pixels of the map, in (0, kLargestSigma]; below 0.125 nothing is within reach and the map stays as it is.
/// Double accumulation, float32 result.
Map gaussian_blur(const Map& map, double sigma, Border border = Border::kReflect);

}  // namespace normadd::imaging
