// SPDX-License-Identifier: Apache-2.0
// Maps as colours, and outlines on pictures.
#pragma once

#include "imaging/image.h"

namespace normadd::imaging {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const Colour&) const = default;
};

/// Colour ramps whose lightness grows evenly, so that equal steps look equal, in grey print and to colour-blind eyes
/// too. Source of the colours: matplotlib's inferno and viridis, as OpenCV ships them.
enum class Ramp { kInferno, kViridis };

/// low gets the darkest colour, high the brightest, values beyond them likewise; without a range (high <= low) and for
/// values that are not finite, the darkest.
Image colour_map(const Map& map, float low, float high, Ramp ramp = Ramp::kInferno);

/// The ramp from left (low) to right (high), RGB.
Image colour_bar(Size size, Ramp ramp = Ramp::kInferno);

/// The map laid over an RGB image of the same size: the higher a value between low and high, the more of its colour is
/// seen, up to strength in [0, 1]; where the map is low, the image stays as it is. Throws InternalError for other
/// sizes.
Image heat_overlay(const Image& image, const Map& map, float low, float high, float strength = 0.75f);

/// Draws the border of the mask's set pixels into an RGB image of the same size, just inside the mask, thickness_px
/// wide. Throws InternalError for other sizes.
void draw_mask_outline(Image& image, const Mask& mask, Colour colour, int thickness_px = 1);

}  // namespace normadd::imaging
