// SPDX-License-Identifier: Apache-2.0
// What 'normadd predict' writes beside its lines: maps and overlays.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "detectors/detector.h"
#include "detectors/geometry_record.h"
#include "normadd/input_images.h"

namespace normadd::tools {

/// Float TIFFs, either over the whole picture at its resolution (0 where the detector did not look), or as the detector
/// gives them, with geometry.json beside.
class MapWriter {
 public:
  MapWriter(const std::vector<InputImage>& images, const std::filesystem::path& folder, bool at_image_resolution);
  /// The file it wrote.
  const std::filesystem::path& write(std::size_t image, const detectors::Prediction& prediction);

 private:
  std::filesystem::path folder_;
  bool at_image_resolution_;
  std::vector<std::filesystem::path> files_;
  detectors::GeometryRecord geometries_;
};

/// Pictures with their maps in colour. All share one scale, so that a good picture looks good: the given one, else from
/// 0 to the highest value of all; that is known at the end only, so the maps are kept in memory until finish().
class OverlayWriter {
 public:
  OverlayWriter(const std::vector<InputImage>& images, const std::filesystem::path& folder,
                std::optional<std::pair<float, float>> range, std::optional<double> threshold);
  /// The file that will be there after finish().
  const std::filesystem::path& add(std::size_t image, const detectors::Prediction& prediction);
  void finish();

 private:
  void draw(std::size_t image, const detectors::Prediction& prediction, std::pair<float, float> range) const;

  const std::vector<InputImage>& images_;
  std::vector<std::filesystem::path> files_;
  std::optional<std::pair<float, float>> range_;
  std::optional<double> threshold_;
  std::vector<std::pair<std::size_t, detectors::Prediction>> kept_;
};

}  // namespace normadd::tools
