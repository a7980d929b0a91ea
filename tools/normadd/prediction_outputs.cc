// SPDX-License-Identifier: Apache-2.0
#include "normadd/prediction_outputs.h"

#include <algorithm>

#include "imaging/codec.h"
#include "imaging/map_codec.h"
#include "imaging/overlay.h"

namespace normadd::tools {

MapWriter::MapWriter(const std::vector<InputImage>& images, const std::filesystem::path& folder,
                     bool at_image_resolution)
    : folder_(folder), at_image_resolution_(at_image_resolution), files_(output_files(images, folder, ".tiff")) {
  // Maps of an earlier call may lie there too.
  if (!at_image_resolution) {
    geometries_ = detectors::GeometryRecord::read_if_present(folder / detectors::GeometryRecord::kFileName);
  }
}

const std::filesystem::path& MapWriter::write(std::size_t image, const detectors::Prediction& prediction) {
  if (at_image_resolution_) {
    imaging::write_tiff_map(files_[image], imaging::map_in_image(prediction.map, prediction.geometry, 0.0f));
  } else {
    // First, so that no map ever lies there without its geometry.
    if (geometries_.add(prediction.geometry)) geometries_.write(folder_ / detectors::GeometryRecord::kFileName);
    imaging::write_tiff_map(files_[image], prediction.map);
  }
  return files_[image];
}

OverlayWriter::OverlayWriter(const std::vector<InputImage>& images, const std::filesystem::path& folder,
                             std::optional<std::pair<float, float>> range, std::optional<double> threshold)
    : images_(images), files_(output_files(images, folder, ".png")), range_(range), threshold_(threshold) {}

const std::filesystem::path& OverlayWriter::add(std::size_t image, const detectors::Prediction& prediction) {
  if (range_) {
    draw(image, prediction, *range_);
  } else {
    kept_.emplace_back(image, prediction);
  }
  return files_[image];
}

void OverlayWriter::finish() {
  float highest = 0;
  for (const auto& [image, prediction] : kept_) {
    highest = std::max(highest, *std::max_element(prediction.map.values.begin(), prediction.map.values.end()));
  }
  for (const auto& [image, prediction] : kept_) draw(image, prediction, {0.0f, highest});
  kept_.clear();
}

void OverlayWriter::draw(std::size_t image, const detectors::Prediction& prediction,
                         std::pair<float, float> range) const {
  constexpr imaging::Colour kOutline{255, 255, 255};
  constexpr int kShortSideOfThinLines = 400;
  const imaging::Image picture = imaging::read_image(images_[image].file);
  const imaging::Map map = imaging::map_in_image(prediction.map, prediction.geometry, 0.0f);
  imaging::Image overlay = imaging::heat_overlay(picture, map, range.first, range.second);
  if (threshold_) {
    imaging::Mask above(map.height, map.width, 1);
    std::transform(map.values.begin(), map.values.end(), above.pixels.begin(),
                   [&](float value) { return value >= *threshold_ ? 1 : 0; });
    const int thickness = 1 + std::min(map.height, map.width) / kShortSideOfThinLines;
    imaging::draw_mask_outline(overlay, above, kOutline, thickness);
  }
  imaging::write_png(files_[image], overlay);
}

}  // namespace normadd::tools
