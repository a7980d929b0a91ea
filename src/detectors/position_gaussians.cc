// SPDX-License-Identifier: Apache-2.0
#include "detectors/position_gaussians.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace normadd::detectors {
namespace {

/// Solves L y = r by columns for `count` right-hand sides r of one position, in place; squared[i] = |y_i|^2. Four
/// columns at a time, so that r is read and written a quarter as often.
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) void solve(
    const float* factor, std::int64_t dims, float* const* sides, std::int64_t count, double* squared) {
  std::int64_t j = 0;
  for (; j + 4 <= dims; j += 4) {
    const float* const c0 = factor + packed_column(dims, j);
    const float* const c1 = c0 + (dims - j);
    const float* const c2 = c1 + (dims - j - 1);
    const float* const c3 = c2 + (dims - j - 2);
    const std::int64_t below = dims - j - 4;
    for (std::int64_t k = 0; k < count; ++k) {
      float* const side = sides[k] + j;
      const float y0 = side[0] / c0[0];
      const float y1 = (side[1] - y0 * c0[1]) / c1[0];
      const float y2 = (side[2] - y0 * c0[2] - y1 * c1[1]) / c2[0];
      const float y3 = (side[3] - y0 * c0[3] - y1 * c1[2] - y2 * c2[1]) / c3[0];
      squared[k] += static_cast<double>(y0) * y0 + static_cast<double>(y1) * y1 + static_cast<double>(y2) * y2 +
                    static_cast<double>(y3) * y3;
      float* __restrict rest = side + 4;
      for (std::int64_t i = 0; i < below; ++i) {
        rest[i] = rest[i] - y0 * c0[i + 4] - y1 * c1[i + 3] - y2 * c2[i + 2] - y3 * c3[i + 1];
      }
    }
  }
  for (; j < dims; ++j) {
    const float* const column = factor + packed_column(dims, j);
    for (std::int64_t k = 0; k < count; ++k) {
      float* const side = sides[k] + j;
      const float y = side[0] / column[0];
      squared[k] += static_cast<double>(y) * y;
      for (std::int64_t i = 1; i < dims - j; ++i) side[i] -= y * column[i];
    }
  }
}

__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) void subtract(float* values,
                                                                                           const float* subtrahend,
                                                                                           std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) values[i] -= subtrahend[i];
}

/// Infinities and NaNs are the floats whose exponent bits are all set.
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) bool finite(const float* values,
                                                                                         std::int64_t count) {
  std::uint32_t bad = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    bad |= (bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
  }
  return bad == 0;
}

}  // namespace

PositionGaussians::PositionGaussians(at::Tensor mean, at::Tensor factor)
    : mean_(std::move(mean)), factor_(std::move(factor)) {
  NORMADD_CHECK(mean_.dim() == 2 && mean_.is_contiguous() && mean_.scalar_type() == at::kFloat &&
                    factor_.is_contiguous() && factor_.scalar_type() == at::kFloat &&
                    factor_.sizes() == at::IntArrayRef({mean_.size(0), packed_size(mean_.size(1))}),
                fmt::format("mean has {} values, factor {}", mean_.numel(), factor_.numel()));
}

at::Tensor PositionGaussians::distances(const at::Tensor& features) const {
  const std::int64_t batch = features.size(0), num_positions = positions(), num_dims = dims();
  NORMADD_CHECK(features.is_contiguous() && features.scalar_type() == at::kFloat &&
                    features.sizes() == at::IntArrayRef({batch, num_positions, num_dims}),
                fmt::format("{} features for {} positions x {}", features.numel(), num_positions, num_dims));
  at::Tensor result = at::empty({batch, num_positions});
  float* const values = features.data_ptr<float>();
  float* const out = result.data_ptr<float>();
  const float* const means = mean_.data_ptr<float>();
  const float* const factors = factor_.data_ptr<float>();
  at::parallel_for(0, num_positions, 8, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float*> sides(static_cast<std::size_t>(batch));
    std::vector<double> squared(static_cast<std::size_t>(batch));
    for (std::int64_t p = begin; p < end; ++p) {
      for (std::int64_t b = 0; b < batch; ++b) {
        float* const side = values + (b * num_positions + p) * num_dims;
        subtract(side, means + p * num_dims, num_dims);
        sides[static_cast<std::size_t>(b)] = side;
      }
      std::fill(squared.begin(), squared.end(), 0.0);
      solve(factors + p * packed_size(num_dims), num_dims, sides.data(), batch, squared.data());
      for (std::int64_t b = 0; b < batch; ++b) {
        out[b * num_positions + p] = static_cast<float>(std::sqrt(squared[static_cast<std::size_t>(b)]));
      }
    }
  });
  return result;
}

bool PositionGaussians::valid() const {
  std::atomic<bool> good{true};
  const float* const means = mean_.data_ptr<float>();
  const float* const factors = factor_.data_ptr<float>();
  at::parallel_for(0, positions(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end && good; ++p) {
      const float* const factor = factors + p * packed_size(dims());
      bool fine = finite(means + p * dims(), dims()) && finite(factor, packed_size(dims()));
      for (std::int64_t j = 0; j < dims(); ++j) fine = fine && factor[packed_column(dims(), j)] > 0;
      if (!fine) good = false;
    }
  });
  return good;
}

}  // namespace normadd::detectors
