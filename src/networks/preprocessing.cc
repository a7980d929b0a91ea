// SPDX-License-Identifier: Apache-2.0
#include "networks/preprocessing.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::networks {
namespace {

constexpr int kChannels = 3;
constexpr int kLevels = 256;

/// torchvision's CenterCrop rounds half to even, as Python does.
int centre_offset(int resized, int crop) { return static_cast<int>(std::nearbyint((resized - crop) / 2.0)); }

/// Normalised value of every grey level, in the float32 steps that ToTensor and Normalize take.
std::array<std::array<float, kLevels>, kChannels> level_table(const Preprocessing& preprocessing) {
  std::array<std::array<float, kLevels>, kChannels> table{};
  for (int channel = 0; channel < kChannels; ++channel) {
    for (int level = 0; level < kLevels; ++level) {
      const float unit = static_cast<float>(level) / 255.0f;
      table[channel][level] = (unit - preprocessing.mean[channel]) / preprocessing.std[channel];
    }
  }
  return table;
}

}  // namespace

ResizeMode parse_resize_mode(const std::string& name) {
  if (name == "shorter_side") return ResizeMode::kShorterSide;
  if (name == "squash") return ResizeMode::kSquash;
  throw core::ConfigError(fmt::format("there is no resize mode '{}'", name), "resize_mode",
                          core::did_you_mean(name, {"shorter_side", "squash"}));
}

imaging::Geometry Preprocessing::geometry(imaging::Size image) const {
  if (resize_px < 1 || crop_px < 0 || crop_px > resize_px) {
    throw core::ConfigError(
        fmt::format("a resize to {} px and a crop of {} px do not fit together", resize_px, crop_px), "preprocessing",
        "Resize to at least 1 px and crop at most that; crop 0 keeps everything.");
  }
  if (mode == ResizeMode::kShorterSide) return imaging::Geometry::shorter_side(image, resize_px, crop_px);
  imaging::Geometry geometry = imaging::Geometry::squash(image, {resize_px, resize_px});
  if (crop_px > 0) {
    geometry.left = geometry.top = centre_offset(resize_px, crop_px);
    geometry.crop = {crop_px, crop_px};
  }
  return geometry;
}

Preprocessing Preprocessing::imagenet(int resize_px, int crop_px) {
  Preprocessing preprocessing;
  preprocessing.resize_px = resize_px;
  preprocessing.crop_px = crop_px;
  return preprocessing;
}

Preprocessing Preprocessing::clip(int size_px, ResizeMode mode) {
  Preprocessing preprocessing;
  preprocessing.mode = mode;
  preprocessing.resize_px = size_px;
  preprocessing.crop_px = size_px;
  preprocessing.filter = imaging::Filter::kBicubic;
  preprocessing.mean = {0.48145466f, 0.4578275f, 0.40821073f};
  preprocessing.std = {0.26862954f, 0.26130258f, 0.27577711f};
  return preprocessing;
}

at::Tensor preprocess(std::span<const imaging::Image> images, const Preprocessing& preprocessing) {
  NORMADD_CHECK(!images.empty(), "no images");
  const imaging::Size crop = preprocessing.geometry(images.front().size()).crop;
  const auto table = level_table(preprocessing);
  at::Tensor batch =
      at::empty({static_cast<std::int64_t>(images.size()), kChannels, crop.height, crop.width}, at::kFloat);
  float* plane = batch.data_ptr<float>();
  const std::size_t plane_size = static_cast<std::size_t>(crop.height) * crop.width;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const imaging::Image& image = images[i];
    if (image.channels != kChannels) {
      throw core::DataError(fmt::format("picture {} of the batch has {} channels", i, image.channels), "",
                            "Networks take RGB pictures.");
    }
    const imaging::Geometry geometry = preprocessing.geometry(image.size());
    if (geometry.crop != crop) {
      throw core::DataError(fmt::format("picture {} of the batch becomes {} x {} pixels, the first one {} x {}", i,
                                        geometry.crop.width, geometry.crop.height, crop.width, crop.height),
                            "", "Set a crop, squash to one size, or use a batch size of 1.");
    }
    const imaging::Image cropped = imaging::image_in_crop(image, geometry, preprocessing.filter);
    const std::uint8_t* pixels = cropped.pixels.data();
    for (int channel = 0; channel < kChannels; ++channel, plane += plane_size) {
      for (std::size_t pixel = 0; pixel < plane_size; ++pixel) {
        plane[pixel] = table[channel][pixels[pixel * kChannels + channel]];
      }
    }
  }
  return batch;
}

}  // namespace normadd::networks
