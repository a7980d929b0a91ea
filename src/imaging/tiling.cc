// SPDX-License-Identifier: Apache-2.0
#include "imaging/tiling.h"

#include <algorithm>

#include "core/error.h"

namespace normadd::imaging {

Image filled(Size size, Colour colour) {
  Image image(size.height, size.width, 3);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    image.pixels[i] = colour.red;
    image.pixels[i + 1] = colour.green;
    image.pixels[i + 2] = colour.blue;
  }
  return image;
}

Image in_colour(const Image& image) {
  if (image.channels == 3) return image;
  NORMADD_CHECK(image.channels == 1, "pictures have one or three channels");
  Image out(image.height, image.width, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) std::fill_n(&out.pixels[3 * i], 3, image.pixels[i]);
  return out;
}

void paste(Image& canvas, const Image& tile, int top, int left) {
  NORMADD_CHECK(canvas.channels == 3 && tile.channels == 3, "tiles are RGB");
  NORMADD_CHECK(top >= 0 && left >= 0 && top + tile.height <= canvas.height && left + tile.width <= canvas.width,
                "the tile reaches beyond the canvas");
  for (int y = 0; y < tile.height; ++y) {
    std::copy_n(tile.row(y), static_cast<std::size_t>(tile.width) * 3,
                canvas.row(top + y) + static_cast<std::size_t>(left) * 3);
  }
}

Image side_by_side(const std::vector<Image>& tiles, int gutter_px, Colour paper) {
  Size size{0, -gutter_px};
  for (const auto& tile : tiles) {
    size.width += tile.width + gutter_px;
    size.height = std::max(size.height, tile.height);
  }
  Image canvas = filled({size.height, std::max(0, size.width)}, paper);
  int left = 0;
  for (const auto& tile : tiles) {
    paste(canvas, tile, (size.height - tile.height) / 2, left);
    left += tile.width + gutter_px;
  }
  return canvas;
}

Image stacked(const std::vector<Image>& tiles, int gutter_px, Colour paper) {
  Size size{-gutter_px, 0};
  for (const auto& tile : tiles) {
    size.height += tile.height + gutter_px;
    size.width = std::max(size.width, tile.width);
  }
  Image canvas = filled({std::max(0, size.height), size.width}, paper);
  int top = 0;
  for (const auto& tile : tiles) {
    paste(canvas, tile, top, 0);
    top += tile.height + gutter_px;
  }
  return canvas;
}

Image with_margin(const Image& image, int margin_px, Colour paper) {
  Image canvas = filled({image.height + 2 * margin_px, image.width + 2 * margin_px}, paper);
  paste(canvas, image, margin_px, margin_px);
  return canvas;
}

}  // namespace normadd::imaging
