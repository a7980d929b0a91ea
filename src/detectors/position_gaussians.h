// SPDX-License-Identifier: Apache-2.0
// One multivariate Gaussian per position of a grid, and how far features are from them.
// The distance is sqrt((x - mean)^T covariance^-1 (x - mean)) = |y| with L y = x - mean and covariance = L L^T, so no
// matrix is ever inverted. A factor is stored packed: the columns of L from the diagonal downwards, one after the
// other, d (d + 1) / 2 values, which halves what one prediction must read from memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace normadd::detectors {

/// d (d + 1) / 2.
constexpr std::int64_t packed_size(std::int64_t dims) { return dims * (dims + 1) / 2; }

/// Where column `column` of a packed factor begins, at its diagonal element.
constexpr std::int64_t packed_column(std::int64_t dims, std::int64_t column) {
  return column * dims - column * (column - 1) / 2;
}

/// Shapes: mean [P, d], factor [P, d (d + 1) / 2]; float32, contiguous.
class PositionGaussians {
 public:
  /// Both are kept, not copied.
  PositionGaussians(at::Tensor mean, at::Tensor factor);

  /// features [B, P, d] float32 contiguous, which are used up as working space. Returns [B, P] float32. All images
  /// share one reading of the factors; what an image gets depends on no other image and not on threads.
  at::Tensor distances(const at::Tensor& features) const;

  std::int64_t positions() const { return mean_.size(0); }
  std::int64_t dims() const { return mean_.size(1); }
  const at::Tensor& mean() const { return mean_; }
  const at::Tensor& factor() const { return factor_; }

  /// Whether every number is finite and every factor's diagonal positive, as in anything that a fit gives.
  bool valid() const;

 private:
  at::Tensor mean_, factor_;
};

}  // namespace normadd::detectors
