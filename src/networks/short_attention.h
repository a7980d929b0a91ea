// SPDX-License-Identifier: Apache-2.0
// Attention within many short sequences, such as texts and windows: plain loops, because batched products of such small
// matrices cost more in calls than in arithmetic.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace normadd::networks {

constexpr std::int64_t kShortSequence = 32;  // the longest that short_attention takes

struct ShortSequences {
  std::int64_t count = 0, length = 0;  // equal lengths, one after the other among the rows
  std::int64_t queries = 0;            // of each, from its first; 1 <= queries <= length
  bool causal = false;                 // a row sees itself and those before it
};

/// softmax(Q K^T / sqrt(d)) V for every head. projected [count * length, 3 W] contiguous float32: queries, keys and
/// values side by side -> [count * queries, W]. No gradients. Depends on no number of threads.
at::Tensor short_attention(const at::Tensor& projected, const ShortSequences& sequences, std::int64_t heads);

}  // namespace normadd::networks
