// SPDX-License-Identifier: Apache-2.0
// All pixel metrics from sums in bins: 10 MB however many pixels are added. For maps of which there are many sets at
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/aupro.h"
#include "metrics/pixel.h"

namespace normadd::metrics {

/// Bins as in BinnedPixelAuroc (scores at most 0.2 % apart), whose value auroc is. Average precision, F1-max and AUPRO
/// treat a bin as one tied score. AUPRO is the exact variant's, up to the bins.
class BinnedPixelMetrics {
 public:
  explicit BinnedPixelMetrics(double aupro_limit = AuproOptions{}.limit);
  /// mask: 0 = normal, on the labels that are to count. Throws DataError as PixelScores::add.
  void add(std::span<const float> map, std::span<const std::uint8_t> mask, std::size_t width);
  PixelMetrics value() const;

 private:
  struct Bin {
    std::uint32_t anomalous = 0, normal = 0;
    double regions = 0;
  };
  double aupro_limit_;
  BinnedPixelAuroc auroc_;
  std::vector<Bin> bins_;  // ascending scores
  std::size_t num_regions_ = 0;
};

}  // namespace normadd::metrics
