// SPDX-License-Identifier: Apache-2.0
// All thresholds of a choice of pixels, strictest first, in steps that every exact metric can be summed from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "metrics/aupro_options.h"
#include "metrics/pixel_scores.h"

namespace normadd::metrics {

/// Pixels that a lower threshold adds at once, because they share a score; or normal pixels alone, of any scores
/// between those of two anomalous ones, where no curve bends.
struct ThresholdStep {
  std::size_t anomalous = 0, normal = 0;
  double regions = 0;  // sum over the step's anomalous pixels of 1 / size of their region
};

class ThresholdWalk {
 public:
  explicit ThresholdWalk(const PixelSelection& selection);
  /// False at the end.
  bool next(ThresholdStep& step);

 private:
  /// Normal pixels with keys above the given one that were not passed yet; passes them.
  std::size_t pass_normal_above(std::uint32_t key);

  const PixelSelection& selection_;
  std::vector<std::size_t> normal_left_, anomalous_left_;  // [run]: what was not passed is at the front
};

/// The metrics of a walk, step by step.
class PixelMetricSums {
 public:
  PixelMetricSums(std::size_t num_normal, std::size_t num_anomalous, std::size_t num_regions, double aupro_limit);
  void add(const ThresholdStep& step);

  // After all steps, in [0, 1]; NaN when one class is missing.
  double auroc() const;
  double average_precision() const;
  double f1_max() const;
  double aupro() const;  // AuproVariant::kExact

 private:
  double defined(double value) const;

  double num_normal_, num_anomalous_, num_regions_, limit_;
  double normal_ = 0, anomalous_ = 0, overlap_ = 0;  // so far
  double roc_area_ = 0, precision_area_ = 0, best_f1_ = 0, pro_area_ = 0;
};

}  // namespace normadd::metrics
