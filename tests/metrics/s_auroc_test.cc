// SPDX-License-Identifier: Apache-2.0
#include "metrics/s_auroc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.h"

namespace normadd::metrics {
namespace {

using Scores = std::vector<double>;

TEST(SAuroc, IsOneHalfWhenNothingChanged) {
  const Scores scores = {3, 1, 4, 1, 5};
  EXPECT_EQ(s_auroc(scores, scores), 0.5);
}

TEST(SAuroc, IsOneWhenEveryScoreAfterLiesBelowEveryScoreBefore) {
  EXPECT_EQ(s_auroc(Scores{5, 6, 7}, Scores{1, 2, 4}), 1.0);
  EXPECT_EQ(s_auroc(Scores{1, 2, 4}, Scores{5, 6, 7}), 0.0);
}

TEST(SAuroc, CountsAllPairsNotOnlyTheSameImage) {
  // Of the 9 comparisons 8 are won and one is tied; below, every score sank and yet 3 comparisons are lost.
  EXPECT_DOUBLE_EQ(s_auroc(Scores{3, 4, 5}, Scores{1, 2, 3}), (8 + 0.5) / 9);
  EXPECT_DOUBLE_EQ(s_auroc(Scores{1, 5, 9}, Scores{0, 4, 8}), 6.0 / 9);
}

TEST(SAuroc, EqualsCountingAllComparisons) {
  core::RandomStream random(7, "s_auroc");
  for (int i = 0; i < 100; ++i) {
    const std::size_t count = 1 + random.index(20);
    Scores before(count), after(count);
    for (auto& score : before) score = static_cast<double>(random.index(8));
    for (auto& score : after) score = static_cast<double>(random.index(6));
    double wins = 0;
    for (const double b : before) {
      for (const double a : after) wins += b > a ? 1.0 : b == a ? 0.5 : 0.0;
    }
    EXPECT_NEAR(s_auroc(before, after), wins / static_cast<double>(count * count), 1e-12);
  }
}

TEST(SAuroc, IsUndefinedWithoutImages) { EXPECT_TRUE(std::isnan(s_auroc(Scores{}, Scores{}))); }

}  // namespace
}  // namespace normadd::metrics
