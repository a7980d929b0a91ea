// SPDX-License-Identifier: Apache-2.0
#include "reporting/worst_errors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace normadd::reporting {
namespace {

/// Images n1, n2, ... are normal, p1, p2, ... anomalous, under every pair.
PairScores pair_of(const std::string& added, const std::vector<double>& normal, const std::vector<double>& anomalous) {
  PairScores pair{"bolt", added, {}, {}, {}};
  for (const auto* scores : {&normal, &anomalous}) {
    for (const double score : *scores) {
      pair.before.push_back(score + 1);
      pair.after.push_back(score);
      pair.is_anomalous.push_back(scores == &anomalous ? 1 : 0);
    }
  }
  return pair;
}

RunScores scores_of(std::size_t num_normal, std::size_t num_anomalous, std::vector<CellScores> cells) {
  RunScores scores;
  CategoryImages& images = scores.categories["bolt"];
  for (std::size_t i = 1; i <= num_normal; ++i) images.images.push_back(fmt::format("n{}", i));
  for (std::size_t i = 1; i <= num_anomalous; ++i) images.images.push_back(fmt::format("p{}", i));
  images.types.assign(images.images.size(), "type");
  scores.cells = std::move(cells);
  return scores;
}

TEST(WorstErrors, AreSharesOfTheOtherLabelsImages) {
  const auto errors =
      worst_errors(scores_of(4, 2, {{"a", "described", "product", {pair_of("x", {1, 2, 5, 5}, {2, 6})}}}));
  ASSERT_EQ(errors.size(), 1u);
  ASSERT_EQ(errors[0].false_accepts.size(), 1u);
  EXPECT_EQ(errors[0].false_accepts[0].image, "p1");
  EXPECT_EQ(errors[0].false_accepts[0].score_before, 3);
  EXPECT_EQ(errors[0].false_accepts[0].score_after, 2);
  EXPECT_DOUBLE_EQ(errors[0].false_accepts[0].error, (2 + 0.5) / 4);  // two above, one equal
  ASSERT_EQ(errors[0].false_rejects.size(), 3u);
  EXPECT_EQ(errors[0].false_rejects[0].image, "n3");
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[0].error, 0.5);
  EXPECT_EQ(errors[0].false_rejects[2].image, "n2");
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[2].error, 0.25);
}

TEST(WorstErrors, TheirMeanIsWhatAurocLacks) {
  const auto errors = worst_errors(scores_of(2, 2, {{"a", "", "product", {pair_of("x", {1, 3}, {2, 4})}}}));
  // AUROC 3/4.
  EXPECT_DOUBLE_EQ(errors[0].false_accepts[0].error / 2, 0.25);
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[0].error / 2, 0.25);
}

TEST(WorstErrors, TiesGoByDistanceAndAnImageAppearsOnceWithItsWorstPair) {
  // Both are wrong altogether in x, n2 by more; in y one of them is half wrong, far away from the others.
  const auto errors = worst_errors(
      scores_of(2, 2, {{"a", "", "product", {pair_of("x", {7, 9}, {2, 2}), pair_of("y", {30, 0}, {2, 99})}}}));
  ASSERT_EQ(errors[0].false_rejects.size(), 2u);
  EXPECT_EQ(errors[0].false_rejects[0].image, "n2");
  EXPECT_EQ(errors[0].false_rejects[1].image, "n1");
  EXPECT_EQ(errors[0].false_rejects[1].added, "x");
  EXPECT_DOUBLE_EQ(errors[0].false_rejects[1].error, 1.0);
  EXPECT_LT(errors[0].false_rejects[1].margin, errors[0].false_rejects[0].margin);
}

TEST(WorstErrors, OnlyTheFirstCellThatIsNoControlCounts) {
  const auto errors = worst_errors(scores_of(1, 1,
                                             {{"b", "", "constant", {pair_of("x", {8}, {1})}},
                                              {"b", "described", "product", {pair_of("x", {1}, {2})}},
                                              {"b", "other", "product", {pair_of("x", {9}, {2})}},
                                              {"a", "described", "product", {pair_of("x", {3}, {2})}}}));
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].detector, "b");
  EXPECT_EQ(errors[0].prompts, "described");
  EXPECT_TRUE(errors[0].false_accepts.empty());
  EXPECT_TRUE(errors[0].false_rejects.empty());
  EXPECT_EQ(errors[1].false_rejects.size(), 1u);
}

TEST(WorstErrors, AreBoundedAndNeedBothLabels) {
  const auto many =
      worst_errors(scores_of(20, 1, {{"a", "", "product", {pair_of("x", std::vector<double>(20, 1.0), {0})}}}));
  ASSERT_EQ(many[0].false_rejects.size(), kMostErrors);
  EXPECT_EQ(many[0].false_rejects[0].image, "n1");
  const auto none = worst_errors(scores_of(1, 0, {{"a", "", "product", {pair_of("x", {1}, {})}}}));
  EXPECT_TRUE(none[0].false_rejects.empty());
}

}  // namespace
}  // namespace normadd::reporting
