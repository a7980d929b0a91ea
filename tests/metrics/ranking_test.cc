// SPDX-License-Identifier: Apache-2.0
// Ranking metrics against scikit-learn (tests/golden/metrics/make_metrics_goldens.py), a brute-force twin, and
// properties.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/random.h"
#include "metrics/roc.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::metrics {
namespace {

using Labels = std::vector<std::uint8_t>;

nlohmann::json golden_cases() { return nlohmann::json::parse(core::read_file(test::golden("metrics/ranking.json"))); }

/// Half of the cases have few levels, hence many ties.
void draw(core::RandomStream& random, std::vector<double>& scores, Labels& labels) {
  const std::size_t count = 2 + random.index(60);
  const bool coarse = random.chance(0.5);
  scores.assign(count, 0);
  labels.assign(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    scores[i] = coarse ? static_cast<double>(random.index(5)) : random.normal();
    labels[i] = random.chance(0.4) ? 1 : 0;
  }
  labels[0] = 0;
  labels[1] = 1;
}

double auroc_by_counting(const std::vector<double>& scores, const Labels& labels) {
  double wins = 0, comparisons = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (labels[i] == 0 || labels[j] != 0) continue;
      wins += scores[i] > scores[j] ? 1.0 : scores[i] == scores[j] ? 0.5 : 0.0;
      comparisons += 1;
    }
  }
  return wins / comparisons;
}

TEST(Ranking, EqualsScikitLearnWithTies) {
  const auto cases = golden_cases();
  ASSERT_EQ(cases.size(), 8u);
  for (const auto& one : cases) {
    const auto scores = one["scores"].get<std::vector<double>>();
    const auto labels = one["labels"].get<Labels>();
    EXPECT_NEAR(image_auroc(scores, labels), one["auroc"].get<double>(), 1e-12) << one["name"];
    EXPECT_NEAR(average_precision(scores, labels), one["average_precision"].get<double>(), 1e-12) << one["name"];
    EXPECT_NEAR(f1_max(scores, labels), one["f1_max"].get<double>(), 1e-12) << one["name"];
  }
}

TEST(Ranking, CurvesEqualScikitLearn) {
  for (const auto& one : golden_cases()) {
    const auto points = operating_points(one["scores"].get<std::vector<double>>(), one["labels"].get<Labels>());
    const auto& roc = one["roc"];
    ASSERT_EQ(points.size(), roc["threshold"].size()) << one["name"];
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(points[i].threshold, roc["threshold"][i].get<double>());
      EXPECT_NEAR(points[i].true_positive_rate, roc["true_positive_rate"][i].get<double>(), 1e-12);
      EXPECT_NEAR(points[i].false_positive_rate, roc["false_positive_rate"][i].get<double>(), 1e-12);
    }
  }
}

TEST(Ranking, EqualsCountingAllComparisons) {
  core::RandomStream random(11, "auroc");
  std::vector<double> scores;
  Labels labels;
  for (int i = 0; i < 200; ++i) {
    draw(random, scores, labels);
    EXPECT_NEAR(image_auroc(scores, labels), auroc_by_counting(scores, labels), 1e-12);
  }
}

TEST(Ranking, DoesNotChangeUnderMonotoneMaps) {
  core::RandomStream random(12, "monotone");
  std::vector<double> scores;
  Labels labels;
  for (int i = 0; i < 100; ++i) {
    draw(random, scores, labels);
    auto mapped = scores;
    for (double& score : mapped) score = std::atan(score) * 3 + 100;
    EXPECT_EQ(image_auroc(mapped, labels), image_auroc(scores, labels));
    EXPECT_EQ(average_precision(mapped, labels), average_precision(scores, labels));
    EXPECT_EQ(f1_max(mapped, labels), f1_max(scores, labels));
  }
}

TEST(Ranking, FlippingScoresOrLabelsMirrorsTheArea) {
  core::RandomStream random(13, "flip");
  std::vector<double> scores;
  Labels labels;
  for (int i = 0; i < 100; ++i) {
    draw(random, scores, labels);
    auto flipped = scores;
    for (double& score : flipped) score = -score;
    Labels swapped = labels;
    for (auto& label : swapped) label = label != 0 ? 0 : 1;
    EXPECT_NEAR(image_auroc(flipped, labels), 1 - image_auroc(scores, labels), 1e-12);
    EXPECT_NEAR(image_auroc(scores, swapped), 1 - image_auroc(scores, labels), 1e-12);
  }
}

TEST(Ranking, DoesNotDependOnTheOrderOfImages) {
  core::RandomStream random(14, "order");
  std::vector<double> scores;
  Labels labels;
  for (int i = 0; i < 50; ++i) {
    draw(random, scores, labels);
    std::vector<std::size_t> order(scores.size());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
    random.shuffle(order);
    std::vector<double> shuffled_scores;
    Labels shuffled_labels;
    for (const std::size_t k : order) {
      shuffled_scores.push_back(scores[k]);
      shuffled_labels.push_back(labels[k]);
    }
    EXPECT_EQ(image_auroc(shuffled_scores, shuffled_labels), image_auroc(scores, labels));
  }
}

TEST(Ranking, IsUndefinedWithoutBothClasses) {
  const std::vector<double> scores = {1, 2, 3};
  for (const Labels& labels : {Labels{1, 1, 1}, Labels{0, 0, 0}}) {
    EXPECT_TRUE(std::isnan(image_auroc(scores, labels)));
    EXPECT_TRUE(std::isnan(average_precision(scores, labels)));
    EXPECT_TRUE(std::isnan(f1_max(scores, labels)));
    EXPECT_TRUE(operating_points(scores, labels).empty());
  }
  EXPECT_TRUE(std::isnan(image_auroc({}, {})));
}

TEST(Ranking, RefusesWhatIsNoNumberAndLengthsThatDiffer) {
  const Labels labels = {0, 1};
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const std::vector<double> scores = {1, bad};
    test::expect_error<core::DataError>([&] { image_auroc(scores, labels); }, {"not a finite number"});
    test::expect_error<core::DataError>([&] { average_precision(scores, labels); }, {"not a finite number"});
  }
  const std::vector<double> three = {1, 2, 3};
  test::expect_error<core::DataError>([&] { image_auroc(three, labels); }, {"differ in number"});
}

}  // namespace
}  // namespace normadd::metrics
