// SPDX-License-Identifier: Apache-2.0
// Figures put together from RGB tiles.
#pragma once

#include <vector>

#include "imaging/image.h"
#include "imaging/overlay.h"

namespace normadd::imaging {

inline constexpr Colour kWhite = {255, 255, 255};

/// An RGB image of one colour.
Image filled(Size size, Colour colour);

/// Grey to RGB; RGB stays.
Image in_colour(const Image& image);

/// Copies the RGB tile with its top left corner at (top, left). Throws InternalError when it reaches beyond the canvas.
void paste(Image& canvas, const Image& tile, int top, int left);

/// Tiles from left to right, gutter_px of paper between them, each centred vertically.
Image side_by_side(const std::vector<Image>& tiles, int gutter_px, Colour paper = kWhite);
/// Tiles from top to bottom, gutter_px of paper between them, left edges aligned.
Image stacked(const std::vector<Image>& tiles, int gutter_px, Colour paper = kWhite);
/// The same picture with a margin around it.
Image with_margin(const Image& image, int margin_px, Colour paper = kWhite);

}  // namespace normadd::imaging
