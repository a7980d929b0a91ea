// SPDX-License-Identifier: Apache-2.0
// PatchCore: a memory bank of patch features of good images; a patch is as anomalous as it is far from the bank.
// Source: Roth et al., arXiv 2106.08265. Profiles: amazon = amazon-science/patchcore-inspection
// src/patchcore/patchcore.py (squared L2 to the single nearest neighbour, image score = maximum over the patches before
// upsampling); paper = the same with Euclidean distances and the image score of eq. 7; anomalib =
// models/image/patchcore. docs/patchcore.md has what each does and how far each is from its original.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "detectors/detector.h"
#include "detectors/feature_bank.h"
#include "detectors/nearest_neighbours.h"
#include "detectors/patchcore_options.h"
#include "detectors/resources.h"

namespace normadd::detectors {

class PatchCore : public Detector {
 public:
  /// Throws ConfigError for options that contradict each other, and what ShotSelection throws.
  PatchCore(const PatchCoreOptions& options, std::shared_ptr<const networks::FeatureExtractor> extractor);

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

  /// Rows of the memory bank [M, D]; InternalError before fit or load.
  const at::Tensor& bank() const;

 private:
  std::int64_t dims() const;
  at::Tensor embed(std::span<const imaging::Image> images) const;
  void require_memory(std::size_t num_train, imaging::Size image) const;
  FeatureBank training_features(const ImageSource& train) const;
  std::vector<std::int64_t> coreset(const at::Tensor& features, std::uint64_t seed) const;
  Prediction prediction(const at::Tensor& queries, imaging::Size image) const;
  void adopt(at::Tensor bank, const std::string& where);
  nlohmann::ordered_json identity() const;

  PatchCoreOptions options_;
  PatchCoreSettings settings_;
  ShotSelection shots_;
  std::shared_ptr<const networks::FeatureExtractor> extractor_;
  std::optional<NearestNeighbours> neighbours_;
};

}  // namespace normadd::detectors
