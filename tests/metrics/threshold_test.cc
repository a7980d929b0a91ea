// SPDX-License-Identifier: Apache-2.0
#include "metrics/threshold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics/roc.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::metrics {
namespace {

using Scores = std::vector<double>;
using Labels = std::vector<std::uint8_t>;

TEST(Threshold, EqualsScikitLearnAndNumpy) {
  const auto cases = nlohmann::json::parse(core::read_file(test::golden("metrics/ranking.json")));
  for (const auto& one : cases) {
    const auto scores = one["scores"].get<Scores>();
    const auto labels = one["labels"].get<Labels>();
    const double threshold = f1_adaptive_threshold(scores, labels, "validation");
    EXPECT_EQ(threshold, one["f1_threshold"].get<double>()) << one["name"];
    EXPECT_NEAR(decide(scores, labels, threshold).f1(), f1_max(scores, labels), 1e-12);
    for (const auto& [q, value] : one["quantiles"].items()) {
      EXPECT_NEAR(quantile_threshold(scores, std::stod(q), "train"), value.get<double>(), 1e-12);
    }
  }
}

TEST(Threshold, NeedsBothClassesAndSaysWhichSetLacksThem) {
  // With normal scores alone anomalib took one of them, and called good images defective.
  test::expect_error<core::DataError>(
      [] {
        f1_adaptive_threshold(Scores{1, 2, 3}, Labels{0, 0, 0}, "validation.csv");
      },
      {"validation.csv", "without anomalous"});
  test::expect_error<core::DataError>(
      [] {
        f1_adaptive_threshold(Scores{1, 2}, Labels{1, 1}, "validation.csv");
      },
      {"without normal"});
}

TEST(Threshold, QuantileRefusesWhatIsNoShare) {
  test::expect_error<core::ConfigError>([] { quantile_threshold(Scores{1}, 1.5, "--threshold"); }, {"1.5"});
  test::expect_error<core::DataError>([] { quantile_threshold(Scores{}, 0.5, "train/good"); }, {"train/good"});
}

TEST(Decisions, CountAScoreAtTheThresholdAsAnomalous) {
  const auto counts = decide(Scores{0.1, 0.5, 0.5, 0.9}, Labels{0, 0, 1, 1}, 0.5);
  EXPECT_EQ(counts.true_positives, 2u);
  EXPECT_EQ(counts.false_positives, 1u);
  EXPECT_EQ(counts.true_negatives, 1u);
  EXPECT_EQ(counts.false_negatives, 0u);
  EXPECT_DOUBLE_EQ(counts.accuracy(), 0.75);
  EXPECT_DOUBLE_EQ(counts.precision(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.recall(), 1.0);
  EXPECT_DOUBLE_EQ(counts.f1(), 0.8);
  EXPECT_DOUBLE_EQ(counts.false_positive_rate(), 0.5);
}

TEST(Decisions, RatesWithoutADivisorAreUndefined) {
  const auto none_called = decide(Scores{0.1, 0.2}, Labels{0, 1}, 5);
  EXPECT_TRUE(std::isnan(none_called.precision()));
  EXPECT_EQ(none_called.f1(), 0.0);
  const auto all_normal = decide(Scores{0.1, 0.2}, Labels{0, 0}, 5);
  EXPECT_TRUE(std::isnan(all_normal.recall()));
  EXPECT_TRUE(std::isnan(all_normal.f1()));
  EXPECT_EQ(all_normal.accuracy(), 1.0);
  EXPECT_TRUE(std::isnan(decide(Scores{}, Labels{}, 0).accuracy()));
}

}  // namespace
}  // namespace normadd::metrics
