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

}  // namespace normadd::metrics
