// SPDX-License-Identifier: Apache-2.0
// Cholesky factors and triangular solves by the textbook's loops in double precision, as a twin for faster ones.
#pragma once

#include <ATen/ATen.h>

#include <cmath>

namespace normadd::detectors {

/// matrix [n, n] float64, positive definite. Returns the lower factor [n, n].
inline at::Tensor plain_cholesky(const at::Tensor& matrix) {
  const std::int64_t n = matrix.size(0);
  at::Tensor factor = at::zeros({n, n}, at::kDouble);
  const auto a = matrix.accessor<double, 2>();
  auto l = factor.accessor<double, 2>();
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::int64_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      l[i][j] = i == j ? std::sqrt(sum) : sum / l[j][j];
    }
  }
  return factor;
}

/// Solves factor * y = side; factor [n, n] lower, side [n], float64.
inline at::Tensor plain_solve(const at::Tensor& factor, const at::Tensor& side) {
  const std::int64_t n = factor.size(0);
  at::Tensor solution = at::empty({n}, at::kDouble);
  const auto l = factor.accessor<double, 2>();
  const auto b = side.accessor<double, 1>();
  auto y = solution.accessor<double, 1>();
  for (std::int64_t i = 0; i < n; ++i) {
    double sum = b[i];
    for (std::int64_t k = 0; k < i; ++k) sum -= l[i][k] * y[k];
    y[i] = sum / l[i][i];
  }
  return solution;
}

/// Ill-conditioned like the covariance of fewer images than dimensions: rank n / 2 and 0.01 on the diagonal. [n, n].
inline at::Tensor covariance_like(std::int64_t n, std::uint64_t seed) {
  at::manual_seed(seed);
  const at::Tensor rows = at::randn({n / 2, n}, at::kDouble);
  return rows.t().mm(rows) / static_cast<double>(n / 2) + 0.01 * at::eye(n, at::kDouble);
}

}  // namespace normadd::detectors
