// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "metrics_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunTables : public ::testing::Test {
 protected:
  std::string tables_of(const std::string& metrics) {
    core::write_file_atomically(directory_ / "metrics.csv", metrics);
    return write_tables(directory_.path());
  }
  bool exists(const char* name) const { return std::filesystem::exists(directory_ / "tables" / name); }

  test::TemporaryDirectory directory_;
};

TEST_F(RunTables, FilesHoldEveryCellAndTheTerminalTheFirst) {
  const std::string text = tables_of(test::small_metrics_file());
  EXPECT_THAT(text, HasSubstr("patchcore on the original labels"));
  EXPECT_THAT(text, HasSubstr("Normality addition: patchcore, prompts described, product"));
  EXPECT_THAT(text, Not(HasSubstr("Normality addition: patchcore, constant")));
  EXPECT_THAT(text, HasSubstr("(no text)"));
  const std::string pairs = core::read_file(directory_ / "tables/pairs.md");
  EXPECT_THAT(pairs, HasSubstr("prompts described, product"));
  EXPECT_THAT(pairs, HasSubstr("Normality addition: patchcore, constant"));
  EXPECT_THAT(pairs, HasSubstr("combined\u2020"));
  EXPECT_THAT(core::read_file(directory_ / "tables/original.md"), HasSubstr("| brush | 100.0 | -- |"));
}

TEST_F(RunTables, TheTerminalShowsThePairsOfAnHonestCellEvenWhenAControlComesFirst) {
  const std::string text = tables_of(std::string(test::kMetricsHeader) +
                                     test::pair_lines("bolt", "bent", "", "constant", "0.5", "0.5", "0") +
                                     test::pair_lines("bolt", "bent", "described", "product", "0.5", "0.6", "0.1"));
  EXPECT_THAT(text, HasSubstr("Normality addition: patchcore, prompts described, product"));
  EXPECT_THAT(text, Not(HasSubstr("Normality addition: patchcore, constant")));
}

TEST_F(RunTables, OnlyControlsAreShownAsTheyAre) {
  const std::string text = tables_of(std::string(test::kMetricsHeader) +
                                     test::pair_lines("bolt", "bent", "", "constant", "0.5", "0.5", "0"));
  EXPECT_THAT(text, HasSubstr("Normality addition: patchcore, constant"));
}

TEST_F(RunTables, CsvFilesKeepUnroundedNumbersAndTheirCell) {
  tables_of(test::small_metrics_file());
  const core::CsvTable pairs = core::read_csv(directory_ / "tables/pairs.csv");
  ASSERT_EQ(pairs.rows.size(), 6u);
  const auto& row = pairs.rows[2];
  EXPECT_EQ(row[pairs.column("category")], "cloth");
  EXPECT_EQ(row[pairs.column("prompts")], "described");
  EXPECT_EQ(row[pairs.column("fusion")], "product");
  EXPECT_EQ(row[pairs.column("image_auroc_gain")], "-0.1");
  EXPECT_EQ(row[pairs.column("n_anomalous")], "30");
  EXPECT_EQ(pairs.rows[1][pairs.column("s_auroc_good")], "");
  const core::CsvTable summary = core::read_csv(directory_ / "tables/summary.csv");
  ASSERT_EQ(summary.rows.size(), 2u);
  EXPECT_EQ(summary.rows[0][summary.column("num_pairs")], "3");
  EXPECT_NEAR(std::stod(summary.rows[0][summary.column("image_auroc_gain_category_mean")]), 0.05, 1e-12);
  EXPECT_EQ(summary.rows[1][summary.column("prompts")], "");
}

TEST_F(RunTables, ARunWithoutPairsStillShowsTheDetector) {
  std::string metrics = test::kMetricsHeader;
  metrics += test::metrics_line("brush", "", "", "", "image_auroc_original", "0.95");
  const std::string text = tables_of(metrics);
  EXPECT_THAT(text, HasSubstr("95.0"));
  EXPECT_THAT(text, Not(HasSubstr("Normality addition")));
  EXPECT_TRUE(exists("original.md"));
  EXPECT_FALSE(exists("pairs.md"));
  EXPECT_FALSE(exists("summary.csv"));
}

TEST_F(RunTables, EndWithTheirProvenance) {
  core::write_file_atomically(directory_ / "manifest.json",
                              R"({"program_version":"9.9.9","git_commit":"0123456789abcdef","seed":3})");
  const std::string text = tables_of(test::small_metrics_file());
  EXPECT_THAT(text, HasSubstr("Run 1a2b, normadd 9.9.9, commit 0123456789ab."));
  EXPECT_THAT(core::read_file(directory_ / "tables/summary.md"), HasSubstr("normadd 9.9.9"));
  core::write_file_atomically(directory_ / "manifest.json", "[");
  test::expect_error<core::DataError>([&] { write_tables(directory_.path()); }, {"manifest.json"});
}

TEST_F(RunTables, AreTheSameWhenMadeAgain) {
  const std::string text = tables_of(test::small_metrics_file());
  const std::string pairs = core::read_file(directory_ / "tables/pairs.csv");
  EXPECT_EQ(write_tables(directory_.path()), text);
  EXPECT_EQ(core::read_file(directory_ / "tables/pairs.csv"), pairs);
}

TEST_F(RunTables, NameTheMissingFile) {
  test::expect_error<core::DataError>([&] { write_tables(directory_.path()); }, {"metrics.csv"});
}

}  // namespace
}  // namespace normadd::reporting
