// SPDX-License-Identifier: Apache-2.0
// Where a map lies in the original image: resize, then crop. A map without geometry cannot be fused.
// Coordinates are continuous pixels: pixel i covers [i, i+1). Frames: image (original file), resized, crop (= map
// extent).
#pragma once

#include "imaging/image.h"
#include "imaging/resample.h"

namespace normadd::imaging {

/// Axis-aligned box in continuous pixels, [x0, x1) x [y0, y1).
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

/// image --resize--> resized --crop at (left, top)--> crop.
struct Geometry {
  Size image;
  Size resized;
  int left = 0;
  int top = 0;
  Size crop;

  bool operator==(const Geometry&) const = default;

  /// Aspect not kept: the whole image becomes size.
  static Geometry squash(Size image, Size size);
  /// Shorter side to shorter_px (torchvision Resize(int): longer side truncated to int), then centre crop (torchvision
  /// CenterCrop: offset round((resized - crop) / 2)). crop_px = 0 keeps everything.
  static Geometry shorter_side(Size image, int shorter_px, int crop_px);
  /// No change.
  static Geometry identity(Size image) { return squash(image, image); }

  Box crop_from_image(const Box& box_in_image) const;
  Box image_from_crop(const Box& box_in_crop) const;
};

/// Applies resize and crop to the picture.
Image image_in_crop(const Image& image, const Geometry& geometry, Filter filter);
/// Nearest, then crop: the project's default for masks.
Mask mask_in_crop(const Mask& mask_in_image, const Geometry& geometry);
/// Brings a map whose pixels sample geometry from's crop (any resolution) into geometry to's crop at to.crop
/// resolution. Bilinear at pixel centres; positions outside from's crop take value outside.
Map map_in_crop(const Map& map, const Geometry& from, const Geometry& to, float outside);
/// The map over the whole image at image resolution; outside the crop: value outside.
Map map_in_image(const Map& map, const Geometry& geometry, float outside);

}  // namespace normadd::imaging
