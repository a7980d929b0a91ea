// SPDX-License-Identifier: Apache-2.0
#include "detectors/score_reweighting.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace normadd::detectors {
namespace {

double weight(const at::Tensor& bank, const at::Tensor& patch, std::int64_t nearest, int num_neighbours) {
  return score_weight(NearestNeighbours(bank), patch, nearest, num_neighbours);
}

/// Eq. 7 with every distance by its definition.
double brute_force(const at::Tensor& bank, const at::Tensor& patch, std::int64_t nearest, std::int64_t b) {
  const at::Tensor rows = bank.to(at::kDouble);
  const at::Tensor around = (rows - rows[nearest]).square().sum(1).argsort().narrow(0, 0, b);
  const at::Tensor exponentials = (rows - patch.to(at::kDouble)).square().sum(1).sqrt().exp();
  return 1 - (exponentials[nearest] / exponentials.index_select(0, around).sum()).item<double>();
}

TEST(ScoreWeight, EqualsEquation7) {
  const at::Tensor bank = at::randn({60, 12}), patches = at::randn({20, 12}) * 1.5;
  const Neighbours nearest = NearestNeighbours(bank).find(patches);
  for (std::int64_t i = 0; i < 20; ++i) {
    const std::int64_t row = nearest.rows[static_cast<std::size_t>(i)];
    for (const int b : {2, 3, 9, 60}) {
      EXPECT_NEAR(weight(bank, patches.narrow(0, i, 1), row, b), brute_force(bank, patches[i], row, b), 1e-9) << b;
    }
  }
}

TEST(ScoreWeight, ARareRowCountsMoreThanOneAmongMany) {
  // m* at 0. Rare: its neighbours lie 3 further from the patch; crowded: no further than itself.
  const at::Tensor patch = at::full({1, 1}, 1.0f);
  const double rare = weight(at::tensor({0.0f, -3.0f, -3.0f}).reshape({3, 1}), patch, 0, 3);
  const double crowded = weight(at::tensor({0.0f, 0.0f, 0.0f}).reshape({3, 1}), patch, 0, 3);
  EXPECT_GT(rare, crowded);
  EXPECT_NEAR(crowded, 2.0 / 3, 1e-12);
  EXPECT_NEAR(rare, 1 - 1 / (1 + 2 * std::exp(3.0)), 1e-12);
}

TEST(ScoreWeight, OneNeighbourMeansNoWeight) { EXPECT_EQ(weight(at::randn({5, 3}), at::randn({1, 3}), 2, 1), 1.0); }

TEST(ScoreWeight, ABankOfFewRowsIsTakenWhole) {
  const at::Tensor bank = at::randn({4, 3}), patch = at::randn({1, 3});
  EXPECT_EQ(weight(bank, patch, 1, 9), weight(bank, patch, 1, 4));
}

TEST(ScoreWeight, LargeDistancesDoNotOverflow) {
  const at::Tensor bank = at::randn({30, 8}), patch = at::full({1, 8}, 1e6f);
  const double found = weight(bank, patch, NearestNeighbours(bank).find(patch).rows[0], 9);
  EXPECT_TRUE(std::isfinite(found));
  EXPECT_GE(found, 0);
  EXPECT_LE(found, 1);
}

}  // namespace
}  // namespace normadd::detectors
