// SPDX-License-Identifier: Apache-2.0
#include "normality/token_similarity.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.h"

namespace normadd::normality {
namespace {

TEST(TokenSimilarity, IsTheFactorTimesTheDotProductWhereverTheTokensLie) {
  core::RandomStream random(3, "token similarity");
  for (const std::size_t size : {1u, 15u, 16u, 17u, 64u, 100u}) {
    constexpr std::size_t kTokens = 5;
    std::vector<float> direction(size), tokens(kTokens * size), shifted(kTokens * size + 1);
    for (float& value : direction) value = static_cast<float>(random.uniform(-1, 1));
    for (float& value : tokens) value = static_cast<float>(random.uniform(-1, 1));
    std::copy(tokens.begin(), tokens.end(), shifted.begin() + 1);
    std::vector<float> out(kTokens), again(kTokens), alone(1);
    token_similarity(tokens, direction, 30.0f, out);
    token_similarity(std::span(shifted).subspan(1), direction, 30.0f, again);
    EXPECT_EQ(out, again);
    for (std::size_t t = 0; t < kTokens; ++t) {
      double expected = 0;
      for (std::size_t k = 0; k < size; ++k) expected += double{tokens[t * size + k]} * direction[k];
      EXPECT_NEAR(out[t], 30 * expected, 1e-4);
      token_similarity(std::span(tokens).subspan(t * size, size), direction, 30.0f, alone);
      EXPECT_EQ(alone[0], out[t]);
    }
  }
}

}  // namespace
}  // namespace normadd::normality
