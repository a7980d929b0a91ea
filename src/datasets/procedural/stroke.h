// SPDX-License-Identifier: Apache-2.0
// Coverage maps: how much of each pixel a stroke or blob covers, in [0, 1].
#pragma once

#include <vector>

#include "core/random.h"
#include "imaging/image.h"

namespace normadd::datasets {

struct Point {
  float x = 0, y = 0;  // reference pixels
};

/// Coverage of a polyline of the given full width (reference pixels); overlapping parts do not add up.
void add_stroke(imaging::Map& coverage, const std::vector<Point>& points, float width);

/// Coverage of a disc with an irregular outline: radius varies by +-roughness around the circle; soft is the width of
/// the edge.
void add_blob(imaging::Map& coverage, Point center, float radius, float roughness, float soft, std::uint32_t seed);

/// A path from start that goes on for length in steps; each step turns by a normal angle of the given spread (radians).
std::vector<Point> wander(core::RandomStream& random, Point start, float direction, float length, float step,
                          float spread);

}  // namespace normadd::datasets
