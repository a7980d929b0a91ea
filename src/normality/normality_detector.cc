// SPDX-License-Identifier: Apache-2.0
#include "normality/normality_detector.h"

#include <ATen/Parallel.h>

namespace normadd::normality {

std::vector<Suppression> NormalityDetector::suppress(std::span<const imaging::Image> images) const {
  const auto features = this->features(images);
  std::vector<Suppression> suppressions(features.size());
  for (std::size_t i = 0; i < features.size(); ++i) {
    suppressions[i].geometry = features[i].geometry;
    suppressions[i].maps.resize(num_pairs());
  }
  const auto pairs = static_cast<std::int64_t>(num_pairs());
  at::parallel_for(0, static_cast<std::int64_t>(features.size()) * pairs, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k) {
      const auto image = static_cast<std::size_t>(k / pairs), pair = static_cast<std::size_t>(k % pairs);
      suppressions[image].maps[pair] = suppression(features[image], pair);
    }
  });
  return suppressions;
}

}  // namespace normadd::normality
