// SPDX-License-Identifier: Apache-2.0
// PaDiM: one Gaussian of deep features per position of the image; a position is as anomalous as its Mahalanobis
// distance. Source: Defard et al., arXiv 2011.08785; profile reference = xiahaifeng1995/
// PaDiM-Anomaly-Detection-Localization-master main.py without its min-max over the test set, profile anomalib =
// anomalib's models/image/padim. Map = distances upsampled bilinearly (align_corners false) to the input size, then
// blurred; image score = maximum of that map. docs/padim.md lists profiles and deviations.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "detectors/detector.h"
#include "detectors/padim_settings.h"
#include "detectors/position_gaussians.h"

namespace normadd::detectors {

class Padim : public Detector {
 public:
  /// Throws ConfigError when more dims are asked for than the extractor has channels.
  Padim(PadimOptions options, std::shared_ptr<const networks::FeatureExtractor> extractor);

  std::string name() const override { return options_.name; }
  /// Throws ConfigError when the estimate exceeds memory_limit_gb; DataError for fewer than two images, and for images
  /// of different sizes after preprocessing.
  void fit(const ImageSource& train, std::uint64_t seed) override;
  using Detector::predict;
  /// Throws DataError for an image whose grid is not the fitted one.
  std::vector<Prediction> predict(std::span<const imaging::Image> images,
                                  std::span<const std::string> ids) const override;
  using Detector::save;
  void save(const std::filesystem::path& path, const Notes& notes) const override;
  void load(const std::filesystem::path& path) override;
  MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const override;
  std::string settings() const override;

  /// The selected channels, counted through all taps; InternalError before fit or load.
  const std::vector<std::int64_t>& channels() const;
  const PositionGaussians& gaussians() const;

 private:
  struct Model {
    imaging::Size grid;
    std::vector<std::int64_t> channels;
    PositionGaussians gaussians;
  };
  const Model& model() const;
  int num_channels() const;
  std::vector<std::int64_t> selected_channels(std::uint64_t seed) const;
  imaging::Size grid_of(imaging::Size image) const;
  /// [B, positions, dims]
  at::Tensor features(std::span<const imaging::Image> images, const std::vector<std::int64_t>& channels) const;
  void require_grid(imaging::Size image, imaging::Size grid, const std::string& which) const;
  void require_memory(const ImageSource& train, imaging::Size image) const;
  nlohmann::ordered_json identity() const;

  PadimOptions options_;
  std::shared_ptr<const networks::FeatureExtractor> extractor_;
  PadimSettings settings_;
  std::optional<Model> model_;
};

}  // namespace normadd::detectors
