// SPDX-License-Identifier: Apache-2.0
#include "imaging/geometry.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace normadd::imaging {
namespace {

/// Where a sample lies between two neighbouring pixels of one axis.
struct Neighbours {
  int first = 0, second = 0;
  float share = 0;  // of the second
  bool inside = false;
};

/// Bilinear sampling at a continuous position (pixel i's centre is i + 0.5), edges clamped.
Neighbours neighbours_at(double position, int size, bool inside) {
  const double at = std::clamp(position - 0.5, 0.0, size - 1.0);
  const int first = static_cast<int>(at);
  return {first, std::min(first + 1, size - 1), static_cast<float>(at - first), inside};
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
  const auto in_from = [&](double y, double x) {
    return from.crop_from_image(to.image_from_crop({x + 0.5, y + 0.5, x + 0.5, y + 0.5}));
  };
  std::vector<Neighbours> columns;
  for (int x = 0; x < out.width; ++x) {
    const double at = in_from(0, x).x0;
    columns.push_back(neighbours_at(at * cells_x, map.width, at >= -kSlack && at <= from.crop.width + kSlack));
  }
  for (int y = 0; y < out.height; ++y) {
    const double at = in_from(y, 0).y0;
    const auto row = neighbours_at(at * cells_y, map.height, at >= -kSlack && at <= from.crop.height + kSlack);
    const float *top = map.row(row.first), *bottom = map.row(row.second);
    float* next = out.row(y);
    for (const Neighbours& column : columns) {
      const float upper = top[column.first] + column.share * (top[column.second] - top[column.first]);
      const float lower = bottom[column.first] + column.share * (bottom[column.second] - bottom[column.first]);
      *next++ = row.inside && column.inside ? upper + row.share * (lower - upper) : outside;
    }
  }
  return out;
}

Map map_in_image(const Map& map, const Geometry& geometry, float outside) {
  return map_in_crop(map, geometry, Geometry::identity(geometry.image), outside);
}

}  // namespace normadd::imaging
