// SPDX-License-Identifier: Apache-2.0
// From a decoded picture to a network's input tensor: Pillow-exact resize, crop, /255, mean and std.
// Source: torchvision's Resize, CenterCrop, ToTensor, Normalize on Pillow images (behaviour).
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <span>
#include <string>

#include "imaging/geometry.h"

namespace normadd::networks {

enum class ResizeMode { kShorterSide, kSquash };

/// "shorter_side", "squash". Throws ConfigError with the valid names.
ResizeMode parse_resize_mode(const std::string& name);

struct Preprocessing {
  ResizeMode mode = ResizeMode::kShorterSide;
  int resize_px = 256;  // shorter side, or both sides for kSquash
  int crop_px = 224;    // side of the centre crop; 0 = no crop
  imaging::Filter filter = imaging::Filter::kBilinear;
  std::array<float, 3> mean{0.485f, 0.456f, 0.406f};
  std::array<float, 3> std{0.229f, 0.224f, 0.225f};

  /// Throws ConfigError for a crop larger than the resized picture or for sizes out of range.
  imaging::Geometry geometry(imaging::Size image) const;
  static Preprocessing imagenet(int resize_px, int crop_px);
  static Preprocessing clip(int size_px, ResizeMode mode);

  bool operator==(const Preprocessing&) const = default;
};

/// [B, 3, H, W] float32; all pictures must give the same crop size. Throws DataError otherwise.
at::Tensor preprocess(std::span<const imaging::Image> images, const Preprocessing& preprocessing);

}  // namespace normadd::networks
