// SPDX-License-Identifier: Apache-2.0
#include "imaging/geometry.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace normadd::imaging {
namespace {

/// Bilinear sample at continuous position (pixel i's centre is i + 0.5), edges clamped.
float sample(const Map& map, double y, double x) {
  const double at_y = std::clamp(y - 0.5, 0.0, map.height - 1.0);
  const double at_x = std::clamp(x - 0.5, 0.0, map.width - 1.0);
  const int top = static_cast<int>(at_y);
  const int left = static_cast<int>(at_x);
  const int bottom = std::min(top + 1, map.height - 1);
  const int right = std::min(left + 1, map.width - 1);
  const auto down = static_cast<float>(at_y - top);
  const auto along = static_cast<float>(at_x - left);
  const float upper = map.row(top)[left] + along * (map.row(top)[right] - map.row(top)[left]);
  const float lower = map.row(bottom)[left] + along * (map.row(bottom)[right] - map.row(bottom)[left]);
  return upper + down * (lower - upper);
}

Image crop(const Image& image, const Geometry& geometry) {
  Image out(geometry.crop.height, geometry.crop.width, image.channels);
  for (int y = 0; y < geometry.crop.height; ++y) {
    std::copy_n(image.row(y + geometry.top) + static_cast<std::size_t>(geometry.left) * image.channels,
                static_cast<std::size_t>(geometry.crop.width) * image.channels, out.row(y));
  }
  return out;
}

Image resize_and_crop(const Image& image, const Geometry& geometry, Filter filter) {
  NORMADD_CHECK(image.size() == geometry.image, "the picture is not of the geometry's size");
  Image resized = resize(image, geometry.resized, filter);
  if (geometry.crop == geometry.resized) return resized;
  return crop(resized, geometry);
}

}  // namespace

Geometry Geometry::squash(Size image, Size size) { return {image, size, 0, 0, size}; }

Geometry Geometry::shorter_side(Size image, int shorter_px, int crop_px) {
  const int shorter = std::min(image.height, image.width);
  const int longer = std::max(image.height, image.width);
  const int longer_px = static_cast<int>(static_cast<std::int64_t>(shorter_px) * longer / shorter);
  const Size resized = image.height <= image.width ? Size{shorter_px, longer_px} : Size{longer_px, shorter_px};
  if (crop_px == 0) return {image, resized, 0, 0, resized};
  if (crop_px > shorter_px) {
    throw core::ConfigError("the crop is larger than the resized image", "crop_px", "Make crop_px at most resize_px.");
  }
  // Python's round(): halves go to the even number.
  const auto offset = [](int full, int part) { return static_cast<int>(std::nearbyint((full - part) / 2.0)); };
  return {image, resized, offset(resized.width, crop_px), offset(resized.height, crop_px), {crop_px, crop_px}};
}

Box Geometry::crop_from_image(const Box& box) const {
  const double scale_x = static_cast<double>(resized.width) / image.width;
  const double scale_y = static_cast<double>(resized.height) / image.height;
  return {box.x0 * scale_x - left, box.y0 * scale_y - top, box.x1 * scale_x - left, box.y1 * scale_y - top};
}

Box Geometry::image_from_crop(const Box& box) const {
  const double scale_x = static_cast<double>(image.width) / resized.width;
  const double scale_y = static_cast<double>(image.height) / resized.height;
  return {(box.x0 + left) * scale_x, (box.y0 + top) * scale_y, (box.x1 + left) * scale_x, (box.y1 + top) * scale_y};
}

Image image_in_crop(const Image& image, const Geometry& geometry, Filter filter) {
  return resize_and_crop(image, geometry, filter);
}

Mask mask_in_crop(const Mask& mask, const Geometry& geometry) {
  return resize_and_crop(mask, geometry, Filter::kNearest);
}

Map map_in_crop(const Map& map, const Geometry& from, const Geometry& to, float outside) {
  NORMADD_CHECK(from.image == to.image, "the maps belong to images of different sizes");
  if (from == to && map.size() == to.crop) return map;
  Map out(to.crop.height, to.crop.width);
  const double cells_y = static_cast<double>(map.height) / from.crop.height;
  const double cells_x = static_cast<double>(map.width) / from.crop.width;
  // A pixel centre at the very edge must not fall outside by rounding.
  constexpr double kSlack = 1e-9;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const Box in_image = to.image_from_crop({x + 0.5, y + 0.5, x + 0.5, y + 0.5});
      const Box in_from = from.crop_from_image(in_image);
      const bool inside = in_from.x0 >= -kSlack && in_from.y0 >= -kSlack && in_from.x0 <= from.crop.width + kSlack &&
                          in_from.y0 <= from.crop.height + kSlack;
      out.row(y)[x] = inside ? sample(map, in_from.y0 * cells_y, in_from.x0 * cells_x) : outside;
    }
  }
  return out;
}

Map map_in_image(const Map& map, const Geometry& geometry, float outside) {
  return map_in_crop(map, geometry, Geometry::identity(geometry.image), outside);
}

}  // namespace normadd::imaging
