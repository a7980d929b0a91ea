// SPDX-License-Identifier: Apache-2.0
#include "reporting/ablation_table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

using ::testing::HasSubstr;

class AblationTableTest : public ::testing::Test {
 protected:
  /// A run's folder with one pair whose gain is given.
  void write_run(const std::string& name, const std::string& config, double gain, const std::string& state = "done",
                 const std::string& id = "", const std::string& started = "2026-01-01T00:00:00") {
    const auto folder = directory_ / name;
    core::write_file_atomically(folder / "config.resolved.yaml", config);
    core::write_file_atomically(folder / "status.json",
                                fmt::format(R"({{"state": "{}", "started": "{}"}})", state, started));
    core::write_file_atomically(folder / "manifest.json", fmt::format(R"({{"run": "{}"}})", id.empty() ? name : id));
    core::write_file_atomically(folder / "metrics.csv",
                                test::kMetricsHeader +
                                    test::pair_lines("bolt", "bent", "described", "product", "0.5",
                                                     fmt::format("{}", 0.5 + gain), fmt::format("{}", gain)) +
                                    test::pair_lines("bolt", "bent", "described", "random", "0.5", "0.5", "0"));
  }

  Table table() { return ablation_table(list_runs({directory_.path()}), options_); }

  static std::string cell(const Table& table, std::size_t row, const std::string& name) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (table.columns[c].name == name || table.columns[c].heading == name) return cell_text(table.rows.at(row).cells.at(c));
    }
    return "no column " + name;
  }
  static std::string raw(const Table& table, std::size_t row, const std::string& name) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (table.columns[c].name == name) return table.rows.at(row).cells.at(c).raw;
    }
    return "no column " + name;
  }

  const test::TemporaryDirectory directory_;
  AblationOptions options_;
};

TEST_F(AblationTableTest, MeanAndSampleDeviationOverSeeds) {
  write_run("0", "{seed: 1, fusion: {lambda: 0.5}}", 0.01);
  write_run("1", "{seed: 2, fusion: {lambda: 0.5}}", 0.04);
  write_run("2", "{seed: 3, fusion: {lambda: 0.5}}", 0.07);
  write_run("3", "{seed: 1, fusion: {lambda: 1.0}}", 0.02);
  const Table found = table();
  ASSERT_EQ(found.rows.size(), 2u);
  EXPECT_EQ(cell(found, 0, "fusion.lambda"), "0.5");
  EXPECT_EQ(cell(found, 0, "n"), "3");
  EXPECT_EQ(cell(found, 0, "image_auroc_gain"), "+4.00 \u00b1 3.00");
  EXPECT_NEAR(std::stod(raw(found, 0, "image_auroc_gain_std")), 0.03, 1e-12);
  EXPECT_EQ(cell(found, 1, "n"), "1");
  EXPECT_EQ(cell(found, 1, "image_auroc_gain"), "+2.00");
  EXPECT_EQ(raw(found, 1, "image_auroc_gain_std"), "");
}

TEST_F(AblationTableTest, BySeedEveryRunHasItsRow) {
  write_run("0", "{seed: 1, fusion: {lambda: 0.5}}", 0.01);
  write_run("1", "{seed: 2, fusion: {lambda: 0.5}}", 0.04);
  options_.by_seed = true;
  const Table found = table();
  ASSERT_EQ(found.rows.size(), 2u);
  EXPECT_EQ(cell(found, 1, "seed"), "2");
  EXPECT_EQ(cell(found, 1, "image_auroc_gain"), "+4.00");
}

TEST_F(AblationTableTest, JobsStandInTheOrderOfTheirNumbers) {
  for (const int job : {0, 1, 2, 9, 10, 11}) {
    write_run(fmt::format("{}", job), fmt::format("{{seed: 0, fusion: {{lambda: {}}}}}", job), 0.01 * job);
  }
  const Table found = table();
  ASSERT_EQ(found.rows.size(), 6u);
  EXPECT_EQ(cell(found, 2, "fusion.lambda"), "2");
  EXPECT_EQ(cell(found, 4, "fusion.lambda"), "10");
}

TEST_F(AblationTableTest, ControlsOnlyWhenAsked) {
  write_run("0", "{seed: 1}", 0.01);
  EXPECT_EQ(table().rows.size(), 1u);
  options_.with_controls = true;
  const Table found = table();
  ASSERT_EQ(found.rows.size(), 2u);
  EXPECT_EQ(cell(found, 0, "fusion"), "product");
  EXPECT_EQ(cell(found, 1, "fusion"), "random");
}

TEST_F(AblationTableTest, UnfinishedAndOlderRunsAreNamedAndNotCounted) {
  write_run("0", "{seed: 1}", 0.01, "done", "same", "2026-01-01T00:00:00");
  write_run("1", "{seed: 1}", 0.03, "done", "same", "2026-01-02T00:00:00");
  write_run("2", "{seed: 2}", 0.09, "failed");
  const Table found = table();
  ASSERT_EQ(found.rows.size(), 1u);
  EXPECT_EQ(cell(found, 0, "image_auroc_gain"), "+3.00");
  EXPECT_EQ(cell(found, 0, "n"), "1");
  std::string notes;
  for (const auto& note : found.notes) notes += note;
  EXPECT_THAT(notes, HasSubstr("1 unfinished"));
  EXPECT_THAT(notes, HasSubstr("1 older"));
}

TEST_F(AblationTableTest, AMetricThatNoRunHasIsRefusedWithTheNearest) {
  write_run("0", "{seed: 1}", 0.01);
  options_.metrics = {"image_auroc_gian"};
  test::expect_error<core::ConfigError>([&] { table(); }, {"image_auroc_gain"});
}

TEST_F(AblationTableTest, NoRunAtAllIsAnError) {
  test::expect_error<core::DataError>([&] { table(); }, {"no run"});
  test::expect_error<core::DataError>([&] { list_runs({directory_ / "absent"}); }, {"absent"});
}

TEST_F(AblationTableTest, ADamagedStatusNamesItsFile) {
  write_run("0", "{seed: 1}", 0.01);
  core::write_file_atomically(directory_ / "0" / "status.json", "{");
  test::expect_error<core::DataError>([&] { table(); }, {"status.json"});
}

}  // namespace
}  // namespace normadd::reporting
