// SPDX-License-Identifier: Apache-2.0
// Stratified bootstrap of image AUROC: how much it would vary had other images of the same kinds been tested.
// Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13 (percentile intervals).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"

namespace normadd::metrics {

/// How often each image was drawn in each replicate. A replicate draws, with replacement, as many images from each
/// stratum as it has, so that class sizes never change. What is measured on the same images shares one of these: that
/// is what makes differences paired.
class ResampledImages {
 public:
  /// strata: one number per image, equal within a stratum. For replicates in order, strata by number, and their images,
  /// the draw is floor(stream.uniform() * images of the stratum), which counts them in the order given.
  ResampledImages(std::span<const std::size_t> strata, std::size_t num_replicates, core::RandomStream stream);

  std::size_t num_images() const { return num_images_; }
  std::size_t num_replicates() const { return num_replicates_; }
  /// [num_replicates], whole numbers.
  std::span<const float> counts(std::size_t image) const {
    return std::span(counts_).subspan(image * row_length_, num_replicates_);
  }
  /// The same with zeros at the end, a multiple of kBlock.
  std::span<const float> padded_counts(std::size_t image) const {
    return std::span(counts_).subspan(image * row_length_, row_length_);
  }
  /// Replicates that are summed side by side: their sums stay in the first cache.
  static constexpr std::size_t kBlock = 128;

 private:
  std::size_t num_images_, num_replicates_, row_length_;
  std::vector<float> counts_;  // [image, replicate], rows padded to row_length_
};

/// image_auroc (metrics/roc.h) of every replicate, ties counting half; exact up to the last division. One sort, then
/// O(images) per replicate. NaN where one class is missing. scores, labels [num_images]; labels must be constant within
/// each stratum. Throws DataError for non-finite scores or other lengths.
std::vector<double> resampled_aurocs(const ResampledImages& images, std::span<const double> scores,
                                     std::span<const std::uint8_t> labels);

struct PercentileInterval {
  double low = 0, high = 0;
};

/// The quantiles (1 - level) / 2 and (1 + level) / 2 of values, linear between neighbours (numpy's default). NaN for no
/// values, or when any is NaN.
PercentileInterval percentile_interval(std::vector<double> values, double level);

}  // namespace normadd::metrics
