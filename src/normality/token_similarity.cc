// SPDX-License-Identifier: Apache-2.0
#include "normality/token_similarity.h"

#include <array>

#include "core/error.h"

namespace normadd::normality {

void token_similarity(std::span<const float> tokens, std::span<const float> direction, float factor,
                      std::span<float> out) {
  NORMADD_CHECK(tokens.size() == out.size() * direction.size(), "tokens and direction differ in size");
  constexpr std::size_t kLanes = 16;
  const std::size_t size = direction.size();
  for (std::size_t t = 0; t < out.size(); ++t) {
    const float* token = tokens.data() + t * size;
    std::array<float, kLanes> sums{};
    std::size_t k = 0;
    for (; k + kLanes <= size; k += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += token[k + lane] * direction[k + lane];
    }
    for (std::size_t lane = 0; k < size; ++k, ++lane) sums[lane] += token[k] * direction[k];
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    }
    out[t] = factor * sums[0];
  }
}

}  // namespace normadd::normality
