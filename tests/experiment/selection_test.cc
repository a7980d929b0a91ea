// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "experiment/pair_metrics.h"
#include "experiment/panel_selection.h"

namespace normadd::experiment {
namespace {

datasets::Category category_with(const std::vector<std::string>& types) {
  datasets::Category category;
  category.name = "plate";
  for (std::size_t i = 0; i < types.size(); ++i) {
    datasets::Sample sample;
    sample.id = std::to_string(i);
    sample.defect_type = types[i];
    category.test.push_back(sample);
  }
  category.defect_types = {"dent", "hole"};
  return category;
}

double value_of(const MetricsTable& table, const std::string& metric) {
  const auto& csv = table.table();
  for (const auto& row : csv.rows) {
    if (row[csv.column("metric")] == metric) {
      const std::string& text = row[csv.column("value")];
      return text.empty() ? std::nan("") : std::stod(text);
    }
  }
  ADD_FAILURE() << "no metric " << metric;
  return 0;
}

const datasets::Pair kPair{"plate", "dent", false};

TEST(PanelSelection, TakesTheLowerMedianOfEachGroup) {
  const auto category = category_with({"good", "good", "dent", "dent", "dent", "hole", "hole", "hole", "hole"});
  const std::vector<double> scores{2, 1, 9, 7, 8, 4, 1, 3, 2};
  const auto selection = select_panel_images(category, kPair, scores);
  EXPECT_EQ(selection.image[0], 4u);  // dent: 7 8 9
  EXPECT_EQ(selection.image[1], 8u);  // hole: 1 2 3 4
  EXPECT_EQ(selection.image[2], 1u);  // good: 1 2
}

TEST(PanelSelection, LeavesOutAnEmptyGroup) {
  const auto category = category_with({"dent", "hole"});
  const auto selection = select_panel_images(category, kPair, std::vector<double>{1, 2});
  EXPECT_TRUE(selection.has[0]);
  EXPECT_FALSE(selection.has[2]);
}

TEST(PairMetrics, CountsTheAddedTypeAsNormal) {
  const auto category = category_with({"good", "good", "dent", "dent", "hole", "hole"});
  const std::vector<double> before{1, 2, 8, 9, 6, 7};
  const std::vector<double> after{1, 2, 3, 3, 6, 7};
  MetricsTable metrics({});
  ScoresTable scores({});
  add_pair_metrics(category, kPair, {"plate", "dent", "p", "product"}, before, after, metrics, scores);
  EXPECT_DOUBLE_EQ(value_of(metrics, "image_auroc_before"), 0.5);  // holes beat both goods, no dent
  EXPECT_DOUBLE_EQ(value_of(metrics, "image_auroc_after"), 1.0);
  EXPECT_DOUBLE_EQ(value_of(metrics, "image_auroc_gain"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(metrics, "collateral"), 0.0);
  EXPECT_DOUBLE_EQ(value_of(metrics, "s_auroc_added"), 1.0);
  EXPECT_DOUBLE_EQ(value_of(metrics, "s_auroc_good"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(metrics, "s_auroc_retained"), 0.5);
  ASSERT_EQ(scores.table().rows.size(), 6u);
  EXPECT_EQ(scores.table().rows[2][scores.table().column("label_original")], "1");
  EXPECT_EQ(scores.table().rows[2][scores.table().column("label_new")], "0");
}

TEST(PairMetrics, CollateralSeesWhatHappensToRetainedDefects) {
  const auto category = category_with({"good", "good", "dent", "hole", "hole"});
  const std::vector<double> before{1, 2, 9, 6, 7};
  const std::vector<double> after{1, 2, 1, 0.5, 7};
  MetricsTable metrics({});
  ScoresTable scores({});
  add_pair_metrics(category, kPair, {"plate", "dent", "p", "product"}, before, after, metrics, scores);
  EXPECT_DOUBLE_EQ(value_of(metrics, "collateral"), -0.5);
}

TEST(PairMetrics, UndefinedWithoutRetainedImages) {
  const auto category = category_with({"good", "dent"});
  MetricsTable metrics({});
  ScoresTable scores({});
  add_pair_metrics(category, kPair, {"plate", "dent", "p", "product"}, std::vector<double>{1, 2},
                   std::vector<double>{1, 1}, metrics, scores);
  EXPECT_TRUE(std::isnan(value_of(metrics, "image_auroc_before")));
}

}  // namespace
}  // namespace normadd::experiment
