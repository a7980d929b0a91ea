// SPDX-License-Identifier: Apache-2.0
// Every number of every view is that of the tidy metrics.csv, or follows from it; tables can be made again anywhere.
#include "reporting/table_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "hostile_names.h"
#include "reporting/compat_tables.h"
#include "reporting/intervals.h"
#include "reporting/run_tables.h"
#include "reporting/table_set.h"
#include "scores_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class TableViewsTest : public ::testing::Test {
 protected:
  fs::path write_run(const std::string& name, const test::ScoredRun& run, const std::string& config = "{seed: 0}") {
    const fs::path folder = directory_ / name;
    core::write_file_atomically(folder / "config.resolved.yaml", config);
    core::write_file_atomically(folder / "status.json", R"({"state": "done", "started": "2026-01-01T00:00:00"})");
    core::write_file_atomically(folder / "manifest.json", R"({"run": ")" + name + R"(", "program_version": "9.9.9"})");
    core::write_csv(folder / "metrics.csv", run.metrics);
    core::write_csv(folder / "scores.csv", run.scores);
    return folder;
  }
  core::CsvTable view(const std::string& name) { return joined_csv(tables(name)); }
  std::vector<Table> tables(const std::string& name) {
    return view_tables(list_runs({directory_.path()}), name, options_);
  }

  test::TemporaryDirectory directory_;
  ViewOptions options_;
};

using Row = std::map<std::string, std::string>;

std::vector<Row> rows_of(const core::CsvTable& table) {
  std::vector<Row> rows;
  for (const auto& values : table.rows) {
    auto& row = rows.emplace_back();
    for (std::size_t c = 0; c < values.size(); ++c) row[table.columns[c]] = values[c];
  }
  return rows;
}

/// Texts of the tidy file's values that fit all of the given columns.
std::vector<std::string> tidy(const core::CsvTable& metrics, const Row& wanted) {
  std::vector<std::string> values;
  for (const auto& row : rows_of(metrics)) {
    bool fits = true;
    for (const auto& [column, value] : wanted) fits &= row.at(column) == value;
    if (fits) values.push_back(row.at("value"));
  }
  return values;
}

double mean_of(const std::vector<std::string>& values) {
  double sum = 0;
  for (const auto& value : values) sum += std::stod(value);
  return sum / static_cast<double>(values.size());
}

const std::vector<std::string> kPairMetricNames{"image_auroc_before", "image_auroc_after", "image_auroc_gain",
                                                "collateral",         "s_auroc_added",     "s_auroc_good",
                                                "s_auroc_retained"};

void expect_pairs(const std::vector<Row>& rows, const core::CsvTable& metrics, const fs::path& folder) {
  const auto intervals = gain_intervals(read_run_scores(folder / "scores.csv"));
  for (const auto& row : rows) {
    Row wanted{{"detector", row.at("detector")},
               {"prompts", row.at("prompts")},
               {"fusion", row.at("fusion")},
               {"category", row.at("category")},
               {"added", row.at("added")}};
    for (const auto& metric : kPairMetricNames) {
      wanted["metric"] = metric;
      EXPECT_EQ(tidy(metrics, wanted), std::vector<std::string>{row.at(metric)}) << metric;
    }
    for (const auto& cell : intervals) {
      if (cell.detector != row.at("detector") || cell.prompts != row.at("prompts") || cell.fusion != row.at("fusion")) {
        continue;
      }
      for (const auto& pair : cell.pairs) {
        if (pair.category != row.at("category") || pair.added != row.at("added")) continue;
        EXPECT_EQ(core::shortest_text(pair.gain.gain), row.at("image_auroc_gain"));
        EXPECT_EQ(core::shortest_text(pair.gain.low), row.at("gain_low"));
        EXPECT_EQ(core::shortest_text(pair.gain.high), row.at("gain_high"));
      }
    }
  }
}

TEST_F(TableViewsTest, EveryNumberIsThatOfTheTidyFile) {
  const test::ScoredRun run = test::scored_run();
  const fs::path folder = write_run("1a2b3c4d", run);
  options_.rows.with_intervals = options_.rows.with_controls = true;

  const auto pairs = rows_of(view("pairs"));
  EXPECT_EQ(pairs.size(), 2u * 2 * 3 * 3);
  expect_pairs(pairs, run.metrics, folder);

  const auto categories = rows_of(view("categories"));
  EXPECT_EQ(categories.size(), 4u);
  for (const auto& row : categories) {
    EXPECT_EQ(
        tidy(run.metrics,
             {{"detector", row.at("method")}, {"category", row.at("category")}, {"metric", "image_auroc_original"}}),
        std::vector<std::string>{row.at("image_auroc_original")});
  }
  for (const auto& row : rows_of(view("detectors"))) {
    std::vector<std::string> all;
    for (const char* category : {"bolt", "cloth"}) {
      all.push_back(row.at(category));
      EXPECT_EQ(tidy(run.metrics,
                     {{"detector", row.at("method")}, {"category", category}, {"metric", "image_auroc_original"}}),
                std::vector<std::string>{all.back()});
    }
    EXPECT_NEAR(std::stod(row.at("mean")), mean_of(all), 1e-15);
  }
  for (const char* name : {"ablation", "summary"}) {
    const auto rows = rows_of(view(name));
    EXPECT_EQ(rows.size(), std::string(name) == "summary" ? 2u : 6u);
    for (const auto& row : rows) {
      Row wanted{{"detector", row.at("detector")}, {"fusion", row.contains("fusion") ? row.at("fusion") : "product"}};
      for (const auto& metric : kPairMetricNames) {
        wanted["metric"] = metric;
        const auto values = tidy(run.metrics, wanted);
        ASSERT_EQ(values.size(), 6u);
        EXPECT_NEAR(std::stod(row.at(metric)), mean_of(values), 1e-15) << name << " " << metric;
      }
      EXPECT_LE(std::stod(row.at("gain_low")), std::stod(row.at("gain_high")));
    }
  }
}

TEST_F(TableViewsTest, TypesAreMeasuredFromTheScoresOfTheirImages) {
  const test::ScoredRun run = test::scored_run();
  write_run("1a2b3c4d", run);
  const auto rows = rows_of(view("types"));
  EXPECT_EQ(rows.size(), 6u);
  for (const auto& row : rows) {
    for (const char* detector : {"patchcore", "padim"}) {
      std::vector<double> scores;
      std::vector<std::uint8_t> labels;
      std::set<std::string> seen;
      for (const auto& score : rows_of(run.scores)) {
        if (score.at("detector") != detector || score.at("category") != row.at("category")) continue;
        if (score.at("type") != "good" && score.at("type") != row.at("type")) continue;
        if (!seen.insert(score.at("image")).second) continue;
        scores.push_back(std::stod(score.at("score_before")));
        labels.push_back(score.at("type") == "good" ? 0 : 1);
      }
      EXPECT_EQ(row.at(detector), core::shortest_text(metrics::image_auroc(scores, labels)));
      EXPECT_EQ(row.at("num_images"), "7");
    }
  }
}

TEST_F(TableViewsTest, TablesOfARunCanBeMadeAgainFromACopyOfItsFolder) {
  const test::ScoredRun run = test::scored_run();
  const fs::path folder = write_run("1a2b3c4d", run);
  write_tables(folder);
  const fs::path copy = directory_ / "elsewhere/copy";
  fs::create_directories(copy);
  for (const char* file : {"metrics.csv", "scores.csv", "manifest.json"}) fs::copy_file(folder / file, copy / file);
  write_tables(copy);
  std::size_t num_files = 0;
  for (const auto& entry : fs::directory_iterator(folder / "tables")) {
    ++num_files;
    EXPECT_EQ(core::read_file(entry.path()), core::read_file(copy / "tables" / entry.path().filename()));
  }
  EXPECT_EQ(num_files, 9u);
  expect_pairs(rows_of(core::read_csv(folder / "tables/pairs.csv")), run.metrics, folder);

  const auto intervals = rows_of(core::read_csv(folder / "tables/intervals.csv"));
  EXPECT_EQ(intervals.size(), 6u * (6 + 2));
  for (const auto& row : intervals) {
    Row wanted{{"detector", row.at("detector")},
               {"prompts", row.at("prompts")},
               {"fusion", row.at("fusion")},
               {"metric", "image_auroc_gain"}};
    if (row.at("mean_over").empty()) {
      wanted["category"] = row.at("category"), wanted["added"] = row.at("added");
      EXPECT_EQ(tidy(run.metrics, wanted), std::vector<std::string>{row.at("gain")});
    } else {
      EXPECT_NEAR(mean_of(tidy(run.metrics, wanted)), std::stod(row.at("gain")), 1e-15);
      if (row.at("fusion") != "random") {
        EXPECT_EQ(row.at("excludes_zero"), row.at("fusion") == "product" ? "1" : "0");
      }
    }
  }
}

TEST_F(TableViewsTest, SeedsShareARowWithTheirDeviation) {
  test::ScoredRun run = test::scored_run();
  const std::size_t value = run.metrics.column("value");
  for (const auto& [name, shift] : std::map<std::string, double>{{"a", 0.0}, {"b", -0.02}, {"c", -0.04}}) {
    test::ScoredRun shifted = run;
    for (auto& row : shifted.metrics.rows) row[value] = core::shortest_text(std::stod(row[value]) + shift);
    write_run(name, shifted, "{seed: " + std::to_string(static_cast<int>(shift * -100)) + "}");
  }
  const auto found = tables("detectors");
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].rows.size(), 2u);
  const auto rows = rows_of(joined_csv(found));
  EXPECT_EQ(rows[0].at("n"), "3");
  EXPECT_NEAR(std::stod(rows[0].at("bolt_std")), 0.02, 1e-12);
  EXPECT_NEAR(std::stod(rows[0].at("mean_std")), 0.02, 1e-12);
  EXPECT_THAT(latex_text(found[0]), HasSubstr("_{\\pm 2.0}"));
  EXPECT_THAT(terminal_text(tables("categories")[0], false), HasSubstr("n = 3 seeds"));
}

TEST_F(TableViewsTest, CategoriesStandInTheUsualOrderAndTheMeanWhereAsked) {
  test::ScoredRunOptions names;
  names.categories = {"zipper", "my_part", "bottle", "wood", "carpet"};
  write_run("a", test::scored_run(names));
  const auto headings = [](const Table& table) {
    std::vector<std::string> all;
    for (const auto& column : table.columns) all.push_back(column.heading);
    return all;
  };
  EXPECT_EQ(headings(tables("detectors")[0]),
            (std::vector<std::string>{"method", "carpet", "wood", "bottle", "zipper", "my_part", "mean"}));
  options_.mean_first = true;
  EXPECT_EQ(headings(tables("detectors")[0])[1], "mean");
}

TEST_F(TableViewsTest, UnknownNamesAreRefusedWithTheNearest) {
  write_run("a", test::scored_run());
  test::expect_error<core::ConfigError>([&] { tables("detecors"); }, {"--view", "detectors"});
  options_.rows.metrics = {"image_auroc_orignal"};
  test::expect_error<core::ConfigError>([&] { tables("detectors"); }, {"--metric", "image_auroc_original"});
  options_.rows.metrics = {};
  options_.rows.detector = "patchcor";
  test::expect_error<core::ConfigError>([&] { tables("summary"); }, {"--detector", "patchcore"});
}

TEST_F(TableViewsTest, HostileNamesPassThroughEveryViewAndFormat) {
  test::ScoredRunOptions names;
  names.detectors = {"<script>alert(1)</script>", "a|b_%&"};
  names.categories = {"../../up", "\u50b7 \"x\""};
  names.types = {"_a_ # $ ~ ^ \\ {", std::string(300, 'x')};
  names.prompts = {"described", "`p`\n"};
  const fs::path folder = write_run("a", test::scored_run(names));
  write_tables(folder);
  for (const auto& name : view_names()) {
    const auto found = tables(name);
    EXPECT_EQ(rendered(found, TableFormat::kHtml).find("<script"), std::string::npos) << name;
    const std::string markdown = rendered(found, TableFormat::kMarkdown);
    for (auto at = markdown.find("<script"); at != std::string::npos; at = markdown.find("<script", at + 1)) {
      EXPECT_EQ(markdown[at - 1], '\\') << name;
    }
    const core::CsvTable csv = joined_csv(found);
    const core::CsvTable again = core::parse_csv(core::csv_text(csv), "csv");
    EXPECT_EQ(again.columns, csv.columns);
    EXPECT_EQ(again.rows, csv.rows);
  }
}

TEST_F(TableViewsTest, PatchCoresFileHasItsRowsAndTheirMean) {
  test::ScoredRunOptions names;
  names.detectors = {"patchcore"};
  test::ScoredRun run = test::scored_run(names);
  for (auto& row : run.metrics.rows) row[run.metrics.column("dataset")] = "mvtec_ad";
  write_run("a", run);
  const CompatTable table = compat_table(list_runs({directory_.path()}), "patchcore", "");
  EXPECT_EQ(table.csv.columns,
            (std::vector<std::string>{"Row Names", "instance_auroc", "full_pixel_auroc", "anomaly_pixel_auroc"}));
  const auto bolt = tidy(run.metrics, {{"category", "bolt"}, {"metric", "image_auroc_original"}});
  const auto all = tidy(run.metrics, {{"metric", "image_auroc_original"}});
  ASSERT_EQ(table.csv.rows.size(), 3u);
  EXPECT_EQ(table.csv.rows[0], (std::vector<std::string>{"mvtec_bolt", bolt[0], "", ""}));
  EXPECT_EQ(table.csv.rows[2][0], "Mean");
  EXPECT_NEAR(std::stod(table.csv.rows[2][1]), mean_of(all), 1e-15);
  EXPECT_EQ(table.warnings.size(), 2u);
}

TEST_F(TableViewsTest, AnomalibsFileHasARowPerDetectorAndCategory) {
  const test::ScoredRun run = test::scored_run();
  write_run("a", run);
  const auto listing = list_runs({directory_.path()});
  const auto rows = rows_of(compat_table(listing, "anomalib", "").csv);
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) {
    EXPECT_EQ(tidy(run.metrics, {{"detector", row.at("model.class_path")},
                                 {"category", row.at("data.category")},
                                 {"metric", "image_auroc_original"}}),
              std::vector<std::string>{row.at("image_AUROC")});
    EXPECT_EQ(row.at("pixel_AUROC"), "");
  }
  test::expect_error<core::ConfigError>([&] { compat_table(listing, "patchcore", ""); }, {"--compat", "padim"});
  test::expect_error<core::ConfigError>([&] { compat_table(listing, "anomalyb", ""); }, {"anomalib"});
  EXPECT_EQ(compat_table(listing, "patchcore", "padim").csv.rows.size(), 3u);
}

}  // namespace
}  // namespace normadd::reporting
