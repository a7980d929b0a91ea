// SPDX-License-Identifier: Apache-2.0
// Normality addition as a detector that wraps a detector: the same interface, one more type counted as normal.
// Source: arXiv 2407.19849: A_final = fusion(A, A_sup), image score = max A_final.
#pragma once

#include <memory>

#include "detectors/detector.h"
#include "normality/fusion.h"
#include "normality/normality_detector.h"

namespace normadd::normality {

/// Brings suppression (in its own geometry) into the prediction's and fuses. Outside of what the normality detector
/// saw, nothing is suppressed.
imaging::Map align_and_fuse(const detectors::Prediction& prediction, const imaging::Map& suppression,
                            const imaging::Geometry& suppression_geometry, const FusionOptions& options, double scale);

class NormalityAddition : public detectors::Detector {
 public:
  /// Encodes the texts at once; normality_detector must not be used with other texts afterwards.
  NormalityAddition(std::shared_ptr<detectors::Detector> detector,
                    std::shared_ptr<NormalityDetector> normality_detector, const TextPair& added, FusionOptions fusion,
                    double scale = 1.0);

  std::string name() const override { return detector_->name() + "+normality"; }
  void fit(const detectors::ImageSource& train, std::uint64_t seed) override { detector_->fit(train, seed); }
  /// map = A_final, score = its maximum.
  using Detector::predict;
  std::vector<detectors::Prediction> predict(std::span<const imaging::Image> images,
                                             std::span<const std::string> ids) const override;
  using Detector::save;
  void save(const std::filesystem::path& path, const Notes& notes) const override { detector_->save(path, notes); }
  void load(const std::filesystem::path& path) override { detector_->load(path); }
  detectors::MemoryEstimate memory_estimate(std::size_t num_train, imaging::Size image) const override {
    return detector_->memory_estimate(num_train, image);
  }
  std::string settings() const override { return detector_->settings(); }

 private:
  std::shared_ptr<detectors::Detector> detector_;
  std::shared_ptr<NormalityDetector> normality_detector_;
  FusionOptions fusion_;
  double scale_;
};

}  // namespace normadd::normality
