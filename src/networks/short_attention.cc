// SPDX-License-Identifier: Apache-2.0
#include "networks/short_attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "core/error.h"

namespace normadd::networks {
namespace {

constexpr std::int64_t kLanes = 16;

/// One head of one sequence. query, key and value point to its first row, rows lie stride apart, those of out
/// out_stride.
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) void attend_head(
    const float* query, const float* key, const float* value, std::int64_t stride, std::int64_t length,
    std::int64_t queries, bool causal, std::int64_t depth, float scale, float* out, std::int64_t out_stride) {
  float weights[kShortSequence];
  for (std::int64_t i = 0; i < queries; ++i) {
    const float* const q = query + i * stride;
    const std::int64_t seen = causal ? i + 1 : length;
    float largest = -INFINITY;
    for (std::int64_t j = 0; j < seen; ++j) {
      const float* const k = key + j * stride;
      float lanes[kLanes] = {};
      std::int64_t d = 0;
      for (; d + kLanes <= depth; d += kLanes) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += q[d + lane] * k[d + lane];
      }
      float product = 0;
      for (; d < depth; ++d) product += q[d] * k[d];
      for (const float lane : lanes) product += lane;
      weights[j] = product * scale;
      largest = weights[j] > largest ? weights[j] : largest;
    }
    float sum = 0;
    for (std::int64_t j = 0; j < seen; ++j) sum += weights[j] = std::exp(weights[j] - largest);
    float* const mixed = out + i * out_stride;
    for (std::int64_t d = 0; d < depth; ++d) mixed[d] = 0;
    for (std::int64_t j = 0; j < seen; ++j) {
      const float weight = weights[j] / sum;
      const float* const v = value + j * stride;
      for (std::int64_t d = 0; d < depth; ++d) mixed[d] += weight * v[d];
    }
  }
}

}  // namespace

at::Tensor short_attention(const at::Tensor& projected, const ShortSequences& sequences, std::int64_t heads) {
  const auto [count, length, queries, causal] = sequences;
  const std::int64_t stride = projected.size(1), width = stride / 3, depth = width / heads;
  NORMADD_CHECK(length <= kShortSequence && projected.size(0) == count * length && projected.is_contiguous(),
                std::to_string(length));
  const float scale = 1.0f / std::sqrt(static_cast<float>(depth));
  at::Tensor mixed = at::empty({count * queries, width});
  const float* const in = projected.data_ptr<float>();
  float* const out = mixed.data_ptr<float>();
  // Structured bindings cannot be captured.
  at::parallel_for(0, count, 8,
                   [&, length = length, queries = queries, causal = causal](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t s = begin; s < end; ++s) {
                       for (std::int64_t head = 0; head < heads; ++head) {
                         const float* const first = in + s * length * stride + head * depth;
                         attend_head(first, first + width, first + 2 * width, stride, length, queries, causal, depth,
                                     scale, out + s * queries * width + head * depth, width);
                       }
                     }
                   });
  return mixed;
}

}  // namespace normadd::networks
