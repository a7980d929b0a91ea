// SPDX-License-Identifier: Apache-2.0
#include "metrics/pixel.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace normadd::metrics {

void PixelAuroc::add(std::span<const float> map, std::span<const std::uint8_t> mask) {
  if (map.size() != mask.size()) throw core::DataError("map and mask differ in size", "", "");
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (!std::isfinite(map[i])) throw core::DataError("a map has a value that is not a finite number", "", "");
    (mask[i] != 0 ? positives_ : negatives_).push_back(map[i]);
  }
}

double PixelAuroc::value() const {
  if (positives_.empty() || negatives_.empty()) return std::numeric_limits<double>::quiet_NaN();
  // Defects are a small share of all pixels: sorting only them and looking the others up is far cheaper than one big
  // sort.
  std::vector<float> sorted = positives_;
  std::sort(sorted.begin(), sorted.end());
  double wins = 0;
  for (const float negative : negatives_) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), negative);
    wins += static_cast<double>(sorted.end() - last) + 0.5 * static_cast<double>(last - first);
  }
  return wins / (static_cast<double>(positives_.size()) * static_cast<double>(negatives_.size()));
}

}  // namespace normadd::metrics
