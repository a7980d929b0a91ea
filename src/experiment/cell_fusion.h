// SPDX-License-Identifier: Apache-2.0
// Fuses every cell of a category, for all detectors in one pass over its images; only scores are kept, and what the
// panels need.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "datasets/dataset.h"
#include "experiment/evaluation_plan.h"
#include "experiment/job.h"
#include "experiment/tested_images.h"
#include "metrics/pixel.h"
#include "normality/normality_detector.h"

namespace normadd::experiment {

struct CellScores {
  std::vector<std::vector<std::vector<double>>> after;  // [pair][cell][image]
  // Filled with metrics.pixel_pairs only.
  std::vector<metrics::BinnedPixelAuroc> pixel_before;              // [pair]
  std::vector<std::vector<metrics::BinnedPixelAuroc>> pixel_after;  // [pair][cell]
};

/// All cells of one detector. What the constructor is given must outlive the object.
class CellFusion {
 public:
  /// Sees A_sup (in A's geometry) and A_final of the first cell of each pair, image by image.
  using Observer = std::function<void(std::size_t pair, std::size_t image, const imaging::Map& suppression,
                                      const imaging::Map& fused)>;

  /// scale: see normality::fuse. observer may be empty.
  CellFusion(const datasets::Category& category, const EvaluationPlan& plan, const TestedImages& tested, const Job& job,
             double scale, Observer observer);

  /// suppression: the maps of plan.texts for test image number image.
  void fuse_image(std::size_t image, const normality::Suppression& suppression);

  const CellScores& scores() const { return scores_; }

 private:
  const imaging::Map& suppression_of(const PlannedCell& cell, const datasets::Pair& pair, std::size_t image,
                                     const std::vector<imaging::Map>& aligned, imaging::Map& replaced) const;
  std::vector<std::uint8_t> pixel_labels(const datasets::Pair& pair, std::size_t image) const;

  const datasets::Category& category_;
  const EvaluationPlan& plan_;
  const TestedImages& tested_;
  const Job& job_;
  double scale_;
  Observer observer_;
  CellScores scores_;
};

/// One pass of the normality detector, which has encoded the plan's texts, over the test images for all fusions.
void fuse_test_images(const datasets::Category& category, const Job& job,
                      const normality::NormalityDetector& normality_detector, std::span<CellFusion> fusions);

}  // namespace normadd::experiment
