// SPDX-License-Identifier: Apache-2.0
// Mean and covariance per position, from images that come one by one and are not kept.
// covariance = sum (x - mean)(x - mean)^T / (n - 1) + regularisation * identity. Sums of products are taken about the
// mean of the first images, so that float32 holds them without cancellation; they grow in the memory that the factors
// take in the end, and each matrix is finished and factored in double precision.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detectors/position_gaussians.h"

namespace normadd::detectors {

class GaussianFit {
 public:
  /// num_images: how many add() calls will follow, >= 2. Throws ConfigError when this machine cannot give the memory.
  GaussianFit(std::int64_t positions, std::int64_t dims, std::int64_t num_images);

  /// Features of one image [P, d] float32 contiguous. Throws DataError for values that are not finite.
  void add(const at::Tensor& features);

  /// After the last add(). regularisation > 0. Throws ConfigError when a matrix is not positive definite with it. The
  /// fit is used up.
  PositionGaussians finish(double regularisation);

  /// Bytes that a fit takes, those of its result included.
  static std::uint64_t bytes(std::int64_t positions, std::int64_t dims, std::int64_t num_images);

 private:
  void accumulate();

  std::int64_t positions_, dims_, num_images_;
  std::int64_t added_ = 0;
  std::int64_t pending_ = 0;  // images in block_
  at::Tensor block_;          // [P, images, d]: images whose products are not yet summed
  at::Tensor shift_;          // [P, d]: what products are taken about
  at::Tensor sums_;           // [P, d] float64: of x - shift
  at::Tensor products_;       // [P, d (d + 1) / 2]: sum of (x - shift)(x - shift)^T, packed like a factor
};

}  // namespace normadd::detectors
