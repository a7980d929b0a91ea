// SPDX-License-Identifier: Apache-2.0
#include "experiment/map_evaluation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "core/random.h"
#include "experiment/evaluation_tables.h"
#include "metrics/aupro.h"
#include "metrics/roc.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

struct Picture {
  std::string id, type;
  imaging::Map map;
  imaging::Mask mask;
  double native = 0;
};

/// Two images each of good, cut and hole, in that order.
std::vector<Picture> pictures() {
  core::RandomStream random(5, "map evaluation");
  std::vector<Picture> all;
  for (const char* type : {"good", "cut", "hole"}) {
    for (int i = 0; i < 2; ++i) {
      Picture picture{"c/test/" + std::string(type) + std::to_string(i), type, imaging::Map(9, 12),
                      imaging::Mask(9, 12, 1), random.normal()};
      for (std::size_t p = 0; p < picture.map.values.size(); ++p) {
        picture.mask.pixels[p] = picture.type != "good" && random.chance(0.2) ? 1 : 0;
        picture.map.values[p] = static_cast<float>(std::round(4 * random.normal()) / 4 + picture.mask.pixels[p]);
      }
      all.push_back(std::move(picture));
    }
  }
  return all;
}

EvaluatedMap evaluated(const Picture& picture, bool with_native = true) {
  const double score = *std::max_element(picture.map.values.begin(), picture.map.values.end());
  return {picture.id,   picture.type, score, with_native ? std::optional(picture.native) : std::nullopt,
          &picture.map, &picture.mask};
}

struct Row {
  std::string value;
  std::string num_normal, num_anomalous;
};

/// By metric, of the rows with this added type.
std::map<std::string, Row> rows_of(const MetricsTable& metrics, const std::string& added) {
  const core::CsvTable& table = metrics.table();
  std::map<std::string, Row> rows;
  for (const auto& row : table.rows) {
    if (row[table.column("added")] != added) continue;
    const bool is_new =
        rows.emplace(row[table.column("metric")],
                     Row{row[table.column("value")], row[table.column("n_normal")], row[table.column("n_anomalous")]})
            .second;
    EXPECT_TRUE(is_new) << row[table.column("metric")] << " is given twice";
  }
  return rows;
}

MetricsOptions everything() {
  MetricsOptions options;
  options.per_type = true;
  options.anomalous_only = true;
  options.aupro = "official";
  options.aupro_limit = 0.2;
  return options;
}

std::map<std::string, Row> original_rows(const std::vector<Picture>& all, const MetricsOptions& options) {
  MapEvaluation evaluation("c", options);
  for (const auto& picture : all) evaluation.add(evaluated(picture));
  MetricsTable metrics({});
  evaluation.add_original_metrics(metrics);
  return rows_of(metrics, "");
}

/// All numbers of a choice of pictures, where those of one type are anomalous.
void expect_rows(const std::map<std::string, Row>& rows, const std::string& ending, const std::vector<Picture>& chosen,
                 const std::string& suffix) {
  std::vector<double> maxima, native;
  std::vector<std::uint8_t> labels;
  metrics::PixelScores pixels;
  for (const auto& picture : chosen) {
    maxima.push_back(*std::max_element(picture.map.values.begin(), picture.map.values.end()));
    native.push_back(picture.native);
    labels.push_back(picture.type == "good" ? 0 : 1);
    pixels.add(picture.type == "good" ? "good" : "bad", picture.map.values, picture.mask.pixels, 12);
  }
  const auto expect = [&](const std::string& metric, double value, std::size_t normal, std::size_t anomalous) {
    ASSERT_TRUE(rows.contains(metric)) << metric;
    EXPECT_DOUBLE_EQ(std::stod(rows.at(metric).value), value) << metric;
    EXPECT_EQ(rows.at(metric).num_normal, std::to_string(normal)) << metric;
    EXPECT_EQ(rows.at(metric).num_anomalous, std::to_string(anomalous)) << metric;
  };
  const auto bad = static_cast<std::size_t>(std::count(labels.begin(), labels.end(), 1));
  for (const auto& [kind, scores] : {std::pair(std::string(""), maxima), std::pair(std::string("_native"), native)}) {
    const std::string end = "_" + ending + kind + suffix;
    expect("image_auroc" + end, metrics::image_auroc(scores, labels), labels.size() - bad, bad);
    expect("image_ap" + end, metrics::average_precision(scores, labels), labels.size() - bad, bad);
    expect("image_f1max" + end, metrics::f1_max(scores, labels), labels.size() - bad, bad);
  }
  for (const bool anomalous_only : {false, true}) {
    const auto selection = pixels.select(
        [](const std::string& group) {
          return group == "good" ? metrics::PixelRole::kNormal : metrics::PixelRole::kAnomalous;
        },
        anomalous_only);
    const auto found = metrics::pixel_metrics(selection, {metrics::AuproVariant::kOfficial, 0.2});
    const std::string end = "_" + ending + (anomalous_only ? "_anomalous" : "") + suffix;
    expect("pixel_auroc" + end, found.auroc, found.num_normal, found.num_anomalous);
    expect("pixel_ap" + end, found.average_precision, found.num_normal, found.num_anomalous);
    expect("pixel_f1max" + end, found.f1_max, found.num_normal, found.num_anomalous);
    expect("aupro_official_0.2" + end, found.aupro, found.num_normal, found.num_regions);
  }
}

std::vector<Picture> chosen(const std::vector<Picture>& all, const std::string& type) {
  std::vector<Picture> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const Picture& picture) { return picture.type == "good" || picture.type == type; });
  return some;
}

TEST(MapEvaluation, OriginalLabelsAndEachTypeEqualTheMetricsOfThoseImages) {
  const auto all = pictures();
  const auto rows = original_rows(all, everything());
  expect_rows(rows, "original", all, "");
  expect_rows(rows, "original", chosen(all, "cut"), "/cut");
  expect_rows(rows, "original", chosen(all, "hole"), "/hole");
  EXPECT_EQ(rows.size(), 3u * (2 * 3 + 2 * 4));
}

TEST(MapEvaluation, OnNewLabelsTheAddedTypeIsGoodMaskAndAll) {
  const auto all = pictures();
  MapEvaluation evaluation("c", everything());
  for (const auto& picture : all) evaluation.add(evaluated(picture));
  MetricsTable metrics({});
  evaluation.add_new_label_metrics({"c", "cut", "", ""}, "before", metrics);
  auto relabelled = all;
  for (auto& picture : relabelled) {
    if (picture.type != "cut") continue;
    picture.type = "good";
    std::fill(picture.mask.pixels.begin(), picture.mask.pixels.end(), std::uint8_t{0});
  }
  const auto rows = rows_of(metrics, "cut");
  expect_rows(rows, "before", relabelled, "");
  EXPECT_EQ(rows.size(), 2u * 3 + 2 * 4);
  test::expect_error<core::ConfigError>(
      [&] {
        evaluation.add_new_label_metrics({"c", "cutt", "", ""}, "before", metrics);
      },
      {"'cutt'", "cut"});

  ScoresTable scores({});
  evaluation.add_scores({"c", "cut", "", ""}, scores);
  const auto& table = scores.table();
  ASSERT_EQ(table.rows.size(), 6u);
  for (const auto& row : table.rows) {
    EXPECT_EQ(row[table.column("label_original")], row[table.column("type")] == "good" ? "0" : "1");
    EXPECT_EQ(row[table.column("label_new")], row[table.column("type")] == "hole" ? "1" : "0");
    EXPECT_EQ(row[table.column("score_after")], "");
  }
}

TEST(MapEvaluation, ImagesWithoutMaskTakePartInImageMetricsOnly) {
  auto all = pictures();
  MapEvaluation evaluation("c", everything());
  for (const auto& picture : all) {
    EvaluatedMap image = evaluated(picture);
    if (picture.id == "c/test/cut1") image.mask = nullptr;
    evaluation.add(image);
  }
  EXPECT_EQ(evaluation.without_mask(), std::vector<std::string>{"c/test/cut1"});
  MetricsTable metrics({});
  evaluation.add_original_metrics(metrics);
  const auto rows = rows_of(metrics, "");
  EXPECT_EQ(rows.at("image_auroc_original").num_anomalous, "4");
  all.erase(all.begin() + 3);
  const auto without = original_rows(all, everything());
  for (const char* metric : {"pixel_auroc_original", "pixel_ap_original", "aupro_official_0.2_original"}) {
    EXPECT_EQ(rows.at(metric).value, without.at(metric).value) << metric;
  }
}

TEST(MapEvaluation, LeavesOutWhatIsNotAskedForAndWhatIsUndefined) {
  auto all = pictures();
  MetricsOptions options;
  options.aupro = "none";
  auto rows = original_rows(all, options);
  EXPECT_EQ(rows.size(), 9u);
  EXPECT_FALSE(rows.contains("aupro_original"));
  options.pixel = false;
  EXPECT_EQ(original_rows(all, options).size(), 6u);

  all.resize(2);  // good only
  rows = original_rows(all, MetricsOptions{});
  EXPECT_EQ(rows.size(), 10u);
  for (const auto& [metric, row] : rows) EXPECT_EQ(row.value, "") << metric;
}

TEST(MapEvaluation, NativeScoresOfSomeImagesAreNoTestSet) {
  const auto all = pictures();
  MapEvaluation evaluation("c", MetricsOptions{});
  for (const auto& picture : all) evaluation.add(evaluated(picture, picture.type != "hole"));
  MetricsTable metrics({});
  evaluation.add_original_metrics(metrics);
  EXPECT_FALSE(rows_of(metrics, "").contains("image_auroc_original_native"));
}

TEST(MapEvaluation, ErrorsNameTheImage) {
  auto all = pictures();
  MapEvaluation evaluation("c", MetricsOptions{});
  all[1].mask = imaging::Mask(9, 11, 1);
  test::expect_error<core::DataError>([&] { evaluation.add(evaluated(all[1])); }, {"c/test/good1", "12x9", "11x9"});
  all[2].map.values[5] = std::nanf("");
  test::expect_error<core::DataError>([&] { evaluation.add(evaluated(all[2])); }, {"c/test/cut0", "finite"});
}

TEST(MapEvaluation, ThresholdsChosenOnTestAreMarkedInEveryName) {
  MapEvaluation evaluation("c", MetricsOptions{});
  for (const auto& picture : pictures()) evaluation.add(evaluated(picture));
  MetricsTable metrics({});
  evaluation.add_threshold_metrics({-100, "by hand", false}, metrics);
  evaluation.add_threshold_metrics({-100, "best F1 on the test set", true}, metrics);
  const auto rows = rows_of(metrics, "");
  EXPECT_EQ(rows.size(), 10u);
  EXPECT_EQ(rows.at("image_recall_original").value, "1");
  EXPECT_EQ(rows.at("image_fpr_original").value, "1");
  EXPECT_DOUBLE_EQ(std::stod(rows.at("image_f1_original").value), 0.8);
  EXPECT_EQ(rows.at("image_f1_original_tuned_on_test").value, rows.at("image_f1_original").value);

  const auto tables = evaluation_tables(metrics.table(), "maps", {{"c", {-100, "best F1 on the test set", true}}});
  const std::string text = reporting::terminal_text(tables.back(), false);
  EXPECT_NE(text.find("tuned on TEST"), std::string::npos);
  EXPECT_NE(text.find("-100 !"), std::string::npos);
}

TEST(EvaluationTables, SayWhichAuproAndLeaveTheUndefinedOutOfMeans) {
  MetricsTable metrics({});
  metrics.add({"a", "", "", ""}, "image_auroc_original", 0.5, 2, 4);
  metrics.add({"a", "", "", ""}, "aupro_cflow_0.05_original", 0.75, 20, 4);
  metrics.add({"b", "", "", ""}, "image_auroc_original", 1.0, 2, 4);
  metrics.add({"b", "", "", ""}, "aupro_cflow_0.05_original", std::nan(""), 20, 0);
  metrics.add({"b", "", "", ""}, "image_auroc_original/hole", 0.125, 2, 1);
  metrics.add({"b", "hole", "", ""}, "image_auroc_before", 0.25, 3, 3);
  const auto tables = evaluation_tables(metrics.table(), "tool", {});
  ASSERT_EQ(tables.size(), 3u);
  const std::string text = reporting::terminal_text(tables[0], false);
  EXPECT_NE(text.find("AUPRO@5% (cflow)"), std::string::npos);
  EXPECT_NE(text.find("--"), std::string::npos);
  const auto& mean = tables[0].rows.back();
  EXPECT_EQ(mean.cells[1].text, "75.0");
  EXPECT_EQ(mean.cells[2].text, "75.0");
  EXPECT_NE(reporting::terminal_text(tables[1], false).find("12.5"), std::string::npos);
  EXPECT_NE(reporting::terminal_text(tables[2], false).find("new labels"), std::string::npos);
  EXPECT_EQ(macro_mean(metrics.table(), "image_auroc_original"), 0.75);
}

}  // namespace
}  // namespace normadd::experiment
