// SPDX-License-Identifier: Apache-2.0
#include "metrics/binned_pixel_metrics.h"

#include "metrics/regions.h"
#include "metrics/score_key.h"
#include "metrics/threshold_walk.h"

namespace normadd::metrics {

BinnedPixelMetrics::BinnedPixelMetrics(double aupro_limit) : aupro_limit_(aupro_limit), bins_(kScoreBins) {}

void BinnedPixelMetrics::add(std::span<const float> map, std::span<const std::uint8_t> mask, std::size_t width) {
  auroc_.add(map, mask);
  const Regions regions = find_regions(mask, width);
  num_regions_ += regions.sizes.size();
  for (std::size_t i = 0; i < map.size(); ++i) {
    Bin& bin = bins_[bin_of(map[i])];
    if (const std::uint32_t label = regions.labels[i]; label != 0) {
      ++bin.anomalous;
      bin.regions += 1.0 / regions.sizes[label - 1];
    } else {
      ++bin.normal;
    }
  }
}

PixelMetrics BinnedPixelMetrics::value() const {
  PixelMetricSums sums(auroc_.num_negative(), auroc_.num_positive(), num_regions_, aupro_limit_);
  for (auto bin = bins_.rbegin(); bin != bins_.rend(); ++bin) {
    if (bin->anomalous + bin->normal > 0) sums.add({bin->anomalous, bin->normal, bin->regions});
  }
  return {auroc_.value(),        sums.average_precision(), sums.f1_max(), sums.aupro(),
          auroc_.num_negative(), auroc_.num_positive(),    num_regions_};
}

}  // namespace normadd::metrics
