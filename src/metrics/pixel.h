// SPDX-License-Identifier: Apache-2.0
// Pixel AUROC over many maps, added one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace normadd::metrics {

/// Exact, ties included; keeps 4 bytes per pixel (100 maps of 224 x 224: 20 MB).
class PixelAuroc {
 public:
  /// map and mask have the same length; mask: 0 = normal, else anomalous. Throws DataError for non-finite values.
  void add(std::span<const float> map, std::span<const std::uint8_t> mask);
  /// In [0, 1]; NaN while one class is missing.
  double value() const;
  std::size_t num_positive() const { return positives_.size(); }
  std::size_t num_negative() const { return negatives_.size(); }

 private:
  std::vector<float> positives_, negatives_;
};

/// The same from sums in bins, for many maps at once: 4 MB however many pixels are added. A bin holds scores 0.2 %
/// apart at most (score_key.h). Inside a bin the share of (anomalous, normal) pairs in the right order is taken from
/// the mean places of both, exact for equal scores and for evenly spread ones; between bins it is exact. So the value
/// changes smoothly with the scores, and not at all when all are scaled by a power of two.
class BinnedPixelAuroc {
 public:
  BinnedPixelAuroc();
  /// As PixelAuroc::add.
  void add(std::span<const float> map, std::span<const std::uint8_t> mask);
  double value() const;
  std::size_t num_positive() const { return num_positive_; }
  std::size_t num_negative() const { return num_negative_; }

 private:
  struct Bin {
    std::uint32_t positives = 0, negatives = 0;
    float positive_places = 0, negative_places = 0;  // sums of places inside the bin, each in [0, 1)
  };
  std::vector<Bin> bins_;  // ascending scores
  std::size_t num_positive_ = 0, num_negative_ = 0;
};

}  // namespace normadd::metrics
