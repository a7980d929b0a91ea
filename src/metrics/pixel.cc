// SPDX-License-Identifier: Apache-2.0
#include "metrics/pixel.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "metrics/score_key.h"

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

BinnedPixelAuroc::BinnedPixelAuroc() : bins_(kScoreBins) {}

void BinnedPixelAuroc::add(std::span<const float> map, std::span<const std::uint8_t> mask) {
  if (map.size() != mask.size()) throw core::DataError("map and mask differ in size", "", "");
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (!std::isfinite(map[i])) throw core::DataError("a map has a value that is not a finite number", "", "");
    const float place = place_in_bin(map[i]);
    Bin& bin = bins_[bin_of(map[i])];
    if (mask[i] != 0) {
      ++bin.positives;
      bin.positive_places += place;
      ++num_positive_;
    } else {
      ++bin.negatives;
      bin.negative_places += place;
      ++num_negative_;
    }
  }
  NORMADD_CHECK(num_positive_ + num_negative_ <= std::numeric_limits<std::uint32_t>::max(), "too many pixels to count");
}

double BinnedPixelAuroc::value() const {
  if (num_positive_ == 0 || num_negative_ == 0) return std::numeric_limits<double>::quiet_NaN();
  double wins = 0, negatives_below = 0;
  for (const Bin& bin : bins_) {
    const double positives = bin.positives, negatives = bin.negatives;
    wins += positives * negatives_below;
    if (bin.positives > 0 && bin.negatives > 0) {
      const double ahead = bin.positive_places / positives - bin.negative_places / negatives;
      wins += positives * negatives * std::clamp(0.5 + ahead, 0.0, 1.0);
    }
    negatives_below += negatives;
  }
  return wins / (static_cast<double>(num_positive_) * static_cast<double>(num_negative_));
}

}  // namespace normadd::metrics
