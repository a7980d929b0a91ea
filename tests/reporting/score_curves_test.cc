// SPDX-License-Identifier: Apache-2.0
#include "reporting/score_curves.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "metrics/roc.h"

namespace normadd::reporting {
namespace {

struct Sample {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
};

/// With many ties.
Sample random_sample(core::RandomStream& random) {
  Sample sample;
  for (int i = 0; i < 40; ++i) {
    sample.labels.push_back(i % 3 == 0 ? 1 : 0);
    sample.scores.push_back(static_cast<double>(random.index(9)) + 2 * sample.labels.back());
  }
  return sample;
}

TEST(ScoreCurves, AreasAreTheMetrics) {
  core::RandomStream random(1, "score curves");
  for (int round = 0; round < 20; ++round) {
    const Sample sample = random_sample(random);
    EXPECT_NEAR(area_under_lines(roc_curve(sample.scores, sample.labels)),
                metrics::image_auroc(sample.scores, sample.labels), 1e-12);
    EXPECT_NEAR(area_under_steps(precision_recall_curve(sample.scores, sample.labels)),
                metrics::average_precision(sample.scores, sample.labels), 1e-12);
  }
}

TEST(ScoreCurves, AreasOfMeansAreMeansOfAreas) {
  core::RandomStream random(2, "score curves");
  std::vector<Curve> rocs{{}}, precisions{{}};  // an empty one is left out
  double auroc = 0, precision = 0;
  for (int i = 0; i < 5; ++i) {
    const Sample sample = random_sample(random);
    rocs.push_back(roc_curve(sample.scores, sample.labels));
    precisions.push_back(precision_recall_curve(sample.scores, sample.labels));
    auroc += metrics::image_auroc(sample.scores, sample.labels) / 5;
    precision += metrics::average_precision(sample.scores, sample.labels) / 5;
  }
  EXPECT_NEAR(area_under_lines(mean_of_lines(rocs)), auroc, 1e-12);
  EXPECT_NEAR(area_under_steps(mean_of_steps(precisions)), precision, 1e-12);
}

TEST(ScoreCurves, RocHasItsCornersOnly) {
  const std::vector<double> scores{5, 4, 3, 2, 1};
  const std::vector<std::uint8_t> labels{1, 1, 0, 0, 1};
  const Curve curve = roc_curve(scores, labels);
  EXPECT_EQ(curve.x, (std::vector<double>{0, 0, 1, 1}));
  EXPECT_EQ(curve.y, (std::vector<double>{0, 2.0 / 3, 2.0 / 3, 1}));
}

TEST(ScoreCurves, AreEmptyWithOneClass) {
  EXPECT_TRUE(roc_curve(std::vector<double>{1, 2}, std::vector<std::uint8_t>{1, 1}).empty());
  EXPECT_TRUE(precision_recall_curve(std::vector<double>{1, 2}, std::vector<std::uint8_t>{0, 0}).empty());
  EXPECT_TRUE(mean_of_lines({{}, {}}).empty());
}

}  // namespace
}  // namespace normadd::reporting
