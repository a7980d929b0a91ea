// SPDX-License-Identifier: Apache-2.0
// The areas under kept curves are the metrics; few points keep the shape.
#include "metrics/pixel_curves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "metrics/aupro.h"

namespace normadd::metrics {
namespace {

PixelRole anomalous_unless_good(const std::string& group) {
  return group == "good" ? PixelRole::kNormal : PixelRole::kAnomalous;
}

/// Maps with ties, and masks of some rectangles in the pictures that are not good.
PixelScores random_scores(core::RandomStream& random, int levels, std::size_t side = 24) {
  PixelScores scores;
  for (int picture = 0; picture < 6; ++picture) {
    std::vector<float> map;
    std::vector<std::uint8_t> mask(side * side, 0);
    if (picture >= 2) {
      const std::size_t part = side / 3, left = random.index(side - part), top = random.index(side - part);
      for (std::size_t y = top; y < top + part; ++y)
        std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(y * side + left), part, 1);
    }
    for (const auto label : mask) {
      map.push_back(static_cast<float>(std::round((random.uniform(0, 1) + 0.4 * label) * levels)) /
                    static_cast<float>(levels));
    }
    scores.add(picture < 2 ? "good" : "hole", map, mask, side);
  }
  return scores;
}

double area(const PixelCurve& curve) {
  double sum = 0;
  for (std::size_t i = 1; i < curve.x.size(); ++i)
    sum += (curve.x[i] - curve.x[i - 1]) * (curve.y[i] + curve.y[i - 1]) / 2;
  return sum;
}

TEST(PixelCurves, AreasOfAllPointsAreTheMetrics) {
  core::RandomStream random(1, "pixel curves");
  for (const int levels : {3, 10, 100000}) {
    for (const double limit : {0.05, 0.3, 1.0}) {
      PixelScores scores = random_scores(random, levels);
      const auto selection = scores.select(anomalous_unless_good);
      const auto expected = pixel_metrics(selection, {AuproVariant::kExact, limit});
      const auto curves = pixel_curves(selection, limit, 0);
      EXPECT_NEAR(area(curves.roc), expected.auroc, 1e-12) << levels << " " << limit;
      EXPECT_NEAR(area(curves.pro) / limit, expected.aupro, 1e-12) << levels << " " << limit;
    }
  }
}

TEST(PixelCurves, FewPointsAreExactPointsAndKeepTheAreaAndTheEnds) {
  core::RandomStream random(2, "pixel curves");
  PixelScores scores = random_scores(random, 100000, 96);
  const auto selection = scores.select(anomalous_unless_good);
  const auto all = pixel_curves(selection, 0.3, 0);
  const auto few = pixel_curves(selection, 0.3);
  ASSERT_GT(all.pro.x.size(), 500u);
  for (const auto& [kept, whole] : {std::pair(&few.roc, &all.roc), std::pair(&few.pro, &all.pro)}) {
    EXPECT_LE(kept->x.size(), 200u);
    EXPECT_GE(kept->x.size(), 40u);
    EXPECT_NEAR(area(*kept), area(*whole), 2e-3);
    EXPECT_EQ(kept->x.front(), 0);
    EXPECT_EQ(kept->x.back(), whole->x.back());
    EXPECT_EQ(kept->y.back(), whole->y.back());
    for (std::size_t i = 0; i + 1 < kept->x.size(); ++i) {
      EXPECT_LE(kept->x[i], kept->x[i + 1]);
      EXPECT_LE(kept->y[i], kept->y[i + 1]);
      bool known = false;
      for (std::size_t j = 0; j < whole->x.size() && !known; ++j)
        known = whole->x[j] == kept->x[i] && whole->y[j] == kept->y[i];
      EXPECT_TRUE(known) << i;
    }
  }
  EXPECT_EQ(few.pro.x.back(), 0.3);
  EXPECT_EQ(few.roc.x.back(), 1);
  EXPECT_EQ(few.roc.y.back(), 1);
}

TEST(PixelCurves, KeepsTheBeginningOfALongStraightPiece) {
  CurveKeeper keeper(1, 0.1);
  keeper.add(0.01, 0.05);
  keeper.add(0.9, 0.9);
  const auto curve = keeper.finished();
  EXPECT_EQ(curve.x, (std::vector<double>{0, 0.01, 0.9}));
}

TEST(PixelCurves, AreEmptyWithoutBothClasses) {
  PixelScores scores;
  scores.add("good", std::vector<float>{1, 2}, std::vector<std::uint8_t>{0, 0}, 2);
  EXPECT_TRUE(pixel_curves(scores.select(anomalous_unless_good), 0.3).pro.x.empty());
}

}  // namespace
}  // namespace normadd::metrics
