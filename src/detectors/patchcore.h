// SPDX-License-Identifier: Apache-2.0
// PatchCore: a memory bank of patch features of good images; a patch is as anomalous as it is far from the bank.
// Source: Roth et al., arXiv 2106.08265; profile amazon = amazon-science/patchcore-inspection
// src/patchcore/patchcore.py: squared L2 to the single nearest neighbour (mean over more, if asked for), image score =
// maximum over the patches before upsampling, no re-weighting; map = bilinear (align_corners false) to the input size,
// then SciPy's Gaussian.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "config/options.h"
#include "detectors/detector.h"
#include "detectors/nearest_neighbours.h"
#include "detectors/resources.h"

namespace normadd::detectors {

struct PatchCoreOptions {
  std::string name = "patchcore";
  std::string profile = "amazon";
  double coreset_ratio = 0.1;
  int projection_dims = 128;
  int num_starts = 10;
  int layer_dims = 1024;
  int embedding_dims = 1024;
  int neighbours = 1;
  bool squared = true;
  std::optional<double> blur_sigma_px = 4.0;
  int batch_size = 2;
  double memory_limit_gb = 16.0;
  void describe(config::Options& options);
  /// What the profile wants of the backbone.
  FeatureRequest feature_request() const;
};

class PatchCore : public Detector {
 public:
  PatchCore(PatchCoreOptions options, std::shared_ptr<const networks::FeatureExtractor> extractor);

  std::string name() const override { return options_.name; }
  /// Throws ConfigError when the estimate exceeds memory_limit_gb; DataError for no images, and for images of different
  /// sizes after preprocessing.
  void fit(const ImageSource& train, std::uint64_t seed) override;
  using Detector::predict;
  std::vector<Prediction> predict(std::span<const imaging::Image> images,
                                  std::span<const std::string> ids) const override;
  using Detector::save;
  void save(const std::filesystem::path& path, const Notes& notes) const override;
  void load(const std::filesystem::path& path) override;
  MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const override;
  std::string settings() const override;

  /// Rows of the memory bank [M, embedding_dims]; InternalError before fit or load.
  const at::Tensor& bank() const;

 private:
  at::Tensor embed(std::span<const imaging::Image> images) const;
  at::Tensor training_features(const ImageSource& train) const;
  std::vector<float> patch_scores(const at::Tensor& queries) const;
  void adopt(at::Tensor bank, const std::string& where);
  nlohmann::ordered_json identity() const;

  PatchCoreOptions options_;
  std::shared_ptr<const networks::FeatureExtractor> extractor_;
  std::optional<NearestNeighbours> neighbours_;
};

}  // namespace normadd::detectors
