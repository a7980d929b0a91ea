// SPDX-License-Identifier: Apache-2.0
// Figures from run folders: their numbers are those of metrics.csv and scores.csv, and a copy of a folder gives the
// same bytes.
#include "reporting/run_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "hostile_names.h"
#include "reporting/figure_files.h"
#include "reporting/run_metrics.h"
#include "reporting/score_curves.h"
#include "run_folder_files.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;

class RunFigures : public testing::Test {
 protected:
  std::vector<Figure> figures(const std::vector<std::string>& families = {}) const {
    return run_figures(list_runs({directory_.path()}), families);
  }
  Figure only(const std::string& family) const {
    const auto all = figures({family});
    EXPECT_EQ(all.size(), 1u) << family;
    return all.empty() ? Figure{} : all.front();
  }
  RunMetrics metrics(const std::string& run = "run") const {
    return read_run_metrics(directory_ / run / "metrics.csv");
  }
  std::vector<CategoryNumbers> pairs(const std::string& run = "run") const { return metrics(run).cells.front().pairs; }

  /// The curve of one panel and series.
  static Curve curve_of(const core::CsvTable& points, const std::string& panel, const std::string& series) {
    Curve curve;
    for (const auto& row : points.rows) {
      if (row[0] != panel || row[1] != series) continue;
      curve.x.push_back(std::stod(row[2]));
      curve.y.push_back(std::stod(row[3]));
    }
    return curve;
  }

  const test::TemporaryDirectory directory_;
};

TEST_F(RunFigures, AreasOfRocAndPrecisionRecallAreThoseOfMetricsCsv) {
  test::write_run_folder(directory_ / "run", {.detectors = {"padim", "patchcore"}});
  const auto roc = only("roc"), pr = only("pr");
  const RunMetrics measured = metrics();
  for (const auto& detector : measured.originals) {
    double auroc = 0, precision = 0;
    for (const auto& category : detector.categories) {
      const double expected = category.value("image_auroc_original"), expected_ap = category.value("image_ap_original");
      EXPECT_NEAR(area_under_lines(curve_of(roc.points, category.category, detector.detector)), expected, 1e-12);
      EXPECT_NEAR(area_under_steps(curve_of(pr.points, category.category, detector.detector)), expected_ap, 1e-12);
      auroc += expected / 2;
      precision += expected_ap / 2;
    }
    EXPECT_NEAR(area_under_lines(curve_of(roc.points, "mean", detector.detector)), auroc, 1e-12);
    EXPECT_NEAR(area_under_steps(curve_of(pr.points, "mean", detector.detector)), precision, 1e-12);
  }
}

TEST_F(RunFigures, AreasOnTheNewLabelsAreMeansOverPairs) {
  test::write_run_folder(directory_ / "run", {});
  const auto roc = only("roc_new_labels");
  for (const std::string labels : {"before", "after"}) {
    double mean = 0;
    for (const std::string category : {"bolt", "cloth"}) {
      double sum = 0;
      for (const auto& pair : pairs()) {
        if (pair.category == category) sum += pair.value("image_auroc_" + labels);
      }
      EXPECT_NEAR(area_under_lines(curve_of(roc.points, category, labels)), sum / 2, 1e-12);
      mean += sum / 4;
    }
    EXPECT_NEAR(area_under_lines(curve_of(roc.points, "mean", labels)), mean, 1e-12);
  }
}

TEST_F(RunFigures, GainsAreThoseOfMetricsCsvLargestFirstWithTheirIntervals) {
  test::write_run_folder(directory_ / "run", {});
  const auto points = only("gain").points;
  const auto gain = points.column("image_auroc_gain"), low = points.column("image_auroc_gain_low"),
             high = points.column("image_auroc_gain_high"), category = points.column("category"),
             added = points.column("added");
  std::size_t found = 0;
  for (const auto& pair : pairs()) {
    for (const auto& row : points.rows) {
      if (row[category] != pair.category || row[added] != pair.added) continue;
      ++found;
      EXPECT_EQ(std::stod(row[gain]), pair.value("image_auroc_gain"));
      EXPECT_LE(std::stod(row[low]), std::stod(row[gain]));
      EXPECT_GE(std::stod(row[high]), std::stod(row[gain]));
    }
  }
  EXPECT_EQ(found, 4u);
  EXPECT_EQ(points.rows.size(), 5u);  // and the mean
  const auto drawing = nlohmann::json::parse(only("gain").drawing);
  const auto names = drawing["panels"][0]["y"]["categories"].get<std::vector<std::string>>();
  std::vector<double> sorted;
  for (const auto& name : names) {
    for (const auto& row : points.rows) {
      if (name != "mean" && row[points.column("pair")] == name) sorted.push_back(-std::stod(row[gain]));
    }
  }
  EXPECT_EQ(sorted.size(), 4u);
  EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
}

TEST_F(RunFigures, HistogramsCountEveryImageOnce) {
  test::write_run_folder(directory_ / "run", {});
  const auto points = only("scores").points;
  std::map<std::pair<std::string, std::string>, double> count;
  for (const auto& row : points.rows) {
    if (!row[points.column("images")].empty())
      count[{row[0], row[points.column("type")]}] += std::stod(row[points.column("images")]);
  }
  EXPECT_EQ(count.size(), 6u);
  for (const auto& [place, images] : count) EXPECT_EQ(images, 8) << place.first << " " << place.second;
}

TEST_F(RunFigures, ThresholdsOfAnEvaluationStandInTheHistograms) {
  test::write_run_folder(directory_ / "run", {});
  EXPECT_THAT(only("scores").svg, HasSubstr("chosen on these images"));
  core::write_file_atomically(directory_ / "run" / "thresholds.csv",
                              "category,threshold,origin,tuned_on_test\nbolt,1.125,by hand,0\n");
  const auto figure = only("scores");
  EXPECT_THAT(core::csv_text(figure.points), HasSubstr("bolt,threshold,1.125,"));
  EXPECT_THAT(figure.svg, Not(HasSubstr("chosen on these images")));
}

TEST_F(RunFigures, ProIsDrawnToItsLimitFromTheCurvesOfTheRun) {
  test::write_run_folder(directory_ / "run", {});
  EXPECT_TRUE(figures({"pro", "pixel_roc"}).empty());
  core::write_file_atomically(
      directory_ / "run" / "curves" / "pro.csv",
      "detector,category,false_positive_rate,per_region_overlap\npatchcore,bolt,0,0\npatchcore,bolt,0.25,1\n"
      "patchcore,cloth,0,0\npatchcore,cloth,0.125,0.25\npatchcore,cloth,0.25,0.5\n");
  const auto pro = only("pro");
  EXPECT_EQ(curve_of(pro.points, "cloth", "patchcore").y, (std::vector<double>{0, 0.25, 0.5}));
  EXPECT_NEAR(area_under_lines(curve_of(pro.points, "mean", "patchcore")), (0.125 + 0.0625) / 2, 1e-12);
  const auto drawing = nlohmann::json::parse(pro.drawing);
  EXPECT_EQ(drawing["panels"][0]["x"]["high"], 0.25);
  core::write_file_atomically(directory_ / "run" / "curves" / "pro.csv",
                              "detector,category,false_positive_rate,per_region_overlap\npatchcore,bolt,0,2\n");
  test::expect_error<core::DataError>([&] { figures({"pro"}); }, {"pro.csv:2", "per_region_overlap"});
}

TEST_F(RunFigures, ACopyOfTheFolderGivesTheSameBytes) {
  test::write_run_folder(directory_ / "run", {.detectors = {"padim", "patchcore"}});
  const test::TemporaryDirectory copy;
  fs::copy(directory_ / "run", copy / "elsewhere", fs::copy_options::recursive);
  const auto here = figures(), there = run_figures(list_runs({copy / "elsewhere"}));
  ASSERT_EQ(here.size(), there.size());
  ASSERT_GT(here.size(), 10u);
  std::set<std::string> names;
  for (std::size_t i = 0; i < here.size(); ++i) {
    EXPECT_EQ(here[i].name, there[i].name);
    EXPECT_EQ(here[i].svg, there[i].svg) << here[i].name;
    EXPECT_EQ(core::csv_text(here[i].points), core::csv_text(there[i].points)) << here[i].name;
    EXPECT_EQ(here[i].drawing, there[i].drawing) << here[i].name;
    EXPECT_TRUE(names.insert(here[i].name).second) << here[i].name;
  }
}

TEST_F(RunFigures, ASweepOverANumberGivesCurves) {
  for (int i = 0; i < 4; ++i) {
    test::write_run_folder(directory_ / std::to_string(i),
                           {.config = fmt::format("{{seed: 0, fusion: {{lambda: {}}}}}", 0.25 * (i + 1)),
                            .id = std::to_string(i),
                            .strength = 0.2 * (i + 1)});
  }
  const auto points = only("settings").points;
  ASSERT_EQ(points.rows.size(), 4u);
  for (int i = 0; i < 4; ++i) {
    double sum = 0;
    for (const auto& pair : pairs(std::to_string(i))) sum += pair.value("image_auroc_gain") / 4;
    EXPECT_EQ(std::stod(points.rows[i][points.column("fusion.lambda")]), 0.25 * (i + 1));
    EXPECT_NEAR(std::stod(points.rows[i][points.column("image_auroc_gain")]), sum, 1e-12);
    EXPECT_NE(points.rows[i][points.column("image_auroc_gain_low")], "");
  }
}

TEST_F(RunFigures, IntervalsStandAtAllPointsOfASweepOrAtNone) {
  for (int i = 0; i < 3; ++i) {
    test::write_run_folder(directory_ / std::to_string(i),
                           {.config = fmt::format("{{seed: 0, fusion: {{lambda: {}}}}}", i), .id = std::to_string(i)});
  }
  fs::remove(directory_ / "1" / "scores.csv");
  const auto points = only("settings").points;
  for (const auto& row : points.rows) EXPECT_EQ(row[points.column("image_auroc_gain_low")], "");
  EXPECT_EQ(points.rows.size(), 3u);
}

TEST_F(RunFigures, HostileNamesAreEscapedAndMakeSafeFiles) {
  std::vector<std::string> names = test::hostile_names();
  std::erase(names, "");
  const std::vector<std::string> half(names.begin(), names.begin() + 6);
  test::write_run_folder(directory_ / "run", {.detectors = half,
                                              .categories = {names[6], names[7]},
                                              .types = {names.begin() + 8, names.end()},
                                              .prompts = names[1]});
  const test::TemporaryDirectory out;
  const auto all = figures();
  write_figures(out / "figures", all, true);
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(out.path())) files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 2 * all.size() + 1);
  for (const auto& figure : all) {
    EXPECT_THAT(figure.svg, Not(HasSubstr("<script"))) << figure.name;
    EXPECT_THAT(figure.svg, Not(HasSubstr("onmouseover=\""))) << figure.name;
    EXPECT_EQ(figure.svg.find('\0'), std::string::npos) << figure.name;
    EXPECT_TRUE(fs::is_regular_file(out / "figures" / (figure.name + ".csv"))) << figure.name;
    const auto read = core::read_csv(out / "figures" / (figure.name + ".csv"));
    EXPECT_EQ(read.rows, figure.points.rows) << figure.name;
  }
}

TEST_F(RunFigures, RefusesUnknownFiguresAndDamagedScores) {
  test::write_run_folder(directory_ / "run", {});
  test::expect_error<core::ConfigError>([&] { figures({"rok"}); }, {"rok", "roc"});
  core::write_file_atomically(directory_ / "run" / "scores.csv", "detector,category\n");
  test::expect_error<core::DataError>([&] { figures({"roc"}); }, {"scores.csv", "has no column"});
}

}  // namespace
}  // namespace normadd::reporting
