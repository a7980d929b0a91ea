// SPDX-License-Identifier: Apache-2.0
#include "exports/dvc_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/compose.h"
#include "core/error.h"
#include "exports/roc_curves.h"
#include "exports/small_run.h"
#include "metrics/roc.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::exports {
namespace {

using ::testing::HasSubstr;

TEST(DvcExport, WritesFourKindsOfFilesThatNameEachOther) {
  const test::TemporaryDirectory directory;
  const auto folder = directory / "r";
  test::SmallRun().write(folder);
  const auto listing = reporting::list_runs({folder});
  const DvcExport report = export_dvc(listing, {});
  EXPECT_EQ(report.num_values, 4u);
  EXPECT_EQ(report.num_curves, 1u);
  const auto metrics = nlohmann::json::parse(core::read_file(folder / "metrics.json"));
  EXPECT_EQ(metrics.at("bolt").at("image_auroc_original"), 0.5);
  EXPECT_EQ(metrics.at("bolt").at("bent").at("image_auroc_gain"), 0.25);
  EXPECT_EQ(config::read_yaml(folder / "params.yaml"), listing.runs[0].resolved);
  const auto dvc = config::read_yaml(folder / "dvc.yaml");
  const auto& plot = dvc.find_path("plots.0")->as_map().at(0);
  EXPECT_EQ(plot.first, "plots/roc_bolt.csv");
  const auto points = core::read_csv(folder / plot.first);
  EXPECT_EQ(points.rows.front().at(points.column(plot.second.find("x")->as_string())), "0");
  EXPECT_EQ(points.rows.back().at(points.column(plot.second.find("y")->as_string())), "1");

  const std::string first = core::read_file(folder / "dvc.yaml") + core::read_file(folder / "metrics.json");
  export_dvc(listing, {});
  EXPECT_EQ(core::read_file(folder / "dvc.yaml") + core::read_file(folder / "metrics.json"), first);
}

TEST(DvcExport, HostileNamesStayWithinTheFolder) {
  const test::TemporaryDirectory directory;
  const auto folder = directory / "r", out = directory / "out";
  test::SmallRun small;
  small.category = "../../up \"%: {x}";
  small.added = "image_auroc_original";  // what a metric is called, too
  small.write(folder);
  export_dvc(reporting::list_runs({folder}), {.out = out});
  const auto metrics = nlohmann::json::parse(core::read_file(out / "r" / "metrics.json"));
  EXPECT_EQ(metrics.at(small.category).at("image_auroc_original"), 0.5);
  EXPECT_EQ(metrics.at(small.category).at("image_auroc_original_").at("image_auroc_gain"), 0.25);
  const auto dvc = config::read_yaml(out / "r" / "dvc.yaml");
  const std::string file = dvc.find_path("plots.0")->as_map().at(0).first;
  EXPECT_EQ(std::filesystem::path(file).parent_path(), "plots");
  EXPECT_TRUE(std::filesystem::is_regular_file(out / "r" / file));
}

TEST(RocCurves, HaveTheAreaOfTheMetric) {
  const test::TemporaryDirectory directory;
  test::SmallRun().write(directory / "r");
  const auto curves = roc_curves(directory / "r" / "scores.csv");
  ASSERT_EQ(curves.size(), 1u);
  double area = 0;
  const auto& rows = curves[0].points.rows;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    area +=
        (std::stod(rows[i][0]) - std::stod(rows[i - 1][0])) * (std::stod(rows[i][1]) + std::stod(rows[i - 1][1])) / 2;
  }
  EXPECT_DOUBLE_EQ(area, metrics::image_auroc(std::vector<double>{1, 3, 2, 4}, std::vector<std::uint8_t>{0, 0, 1, 1}));
}

TEST(RocCurves, ADamagedScoreIsNamedWithItsLine) {
  const test::TemporaryDirectory directory;
  auto table = test::SmallRun().scores();
  table.rows[2][table.column("score_before")] = "high";
  core::write_csv(directory / "scores.csv", table);
  test::expect_error<core::DataError>([&] { roc_curves(directory / "scores.csv"); }, {"'high'", "scores.csv:4"});
}

}  // namespace
}  // namespace normadd::exports
