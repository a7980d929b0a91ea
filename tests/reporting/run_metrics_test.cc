// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.h"
#include "core/error.h"
#include "metrics_file.h"
#include "reporting/means.h"
#include "reporting/pair_table.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

class RunMetricsFile : public ::testing::Test {
 protected:
  RunMetrics read(const std::string& text) {
    core::write_file_atomically(path_, text);
    return read_run_metrics(path_);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "metrics.csv";
};

TEST_F(RunMetricsFile, IsGroupedInItsOrder) {
  const RunMetrics run = read(test::small_metrics_file());
  EXPECT_EQ(run.run, "1a2b");
  ASSERT_EQ(run.originals.size(), 1u);
  ASSERT_EQ(run.originals[0].categories.size(), 3u);
  EXPECT_EQ(run.originals[0].categories[2].category, "brush");
  EXPECT_TRUE(std::isnan(run.originals[0].categories[2].value("pixel_auroc_original")));
  ASSERT_EQ(run.cells.size(), 2u);
  EXPECT_EQ(run.cells[0].prompts, "described");
  EXPECT_EQ(run.cells[1].fusion, "constant");
  const auto& pairs = run.cells[0].pairs;
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[2].category, "cloth");
  EXPECT_EQ(pairs[2].value("image_auroc_gain"), -0.1);
  EXPECT_EQ(pairs[2].value("image_auroc_original"), 0.9);
  EXPECT_EQ(pairs[0].num_normal, 20u);
  EXPECT_EQ(pairs[0].num_anomalous, 30u);
  EXPECT_TRUE(pairs[1].is_combined());
  EXPECT_FALSE(pairs[0].is_combined());
}

TEST_F(RunMetricsFile, PairAndCategoryMeansDifferAsTheyShould) {
  const auto pairs = read(test::small_metrics_file()).cells[0].pairs;
  EXPECT_NEAR(pair_mean(pairs, "image_auroc_gain"), (0.1 + 0.3 - 0.1) / 3, 1e-12);
  EXPECT_NEAR(category_mean(pairs, "image_auroc_gain"), (0.2 - 0.1) / 2, 1e-12);
  EXPECT_EQ(num_categories(pairs), 2u);
  // The undefined value of one pair is left out, not counted as zero.
  EXPECT_EQ(pair_mean(pairs, "s_auroc_good"), 0.5);
  EXPECT_TRUE(std::isnan(pair_mean(pairs, "no_such_metric")));
}

TEST_F(RunMetricsFile, PairTableFlagsCombinedAndGivesThreeMeans) {
  const Table table = pair_table(read(test::small_metrics_file()).cells[0]);
  ASSERT_EQ(table.rows.size(), 6u);
  EXPECT_EQ(table.rows[1].cells[1].text, "combined\u2020");
  EXPECT_EQ(table.rows[1].cells[1].raw, "combined");
  EXPECT_EQ(table.rows[1].cells[10].text, "--");
  EXPECT_EQ(table.rows[3].cells[0].text, "pair mean");
  EXPECT_EQ(table.rows[3].cells[1].text, "3 pairs");
  EXPECT_EQ(table.rows[3].cells[5].text, "+10.00");
  EXPECT_EQ(table.rows[4].cells[0].text, "without \u2020");
  EXPECT_EQ(table.rows[4].cells[5].text, "0.00");
  EXPECT_EQ(table.rows[5].cells[0].text, "category mean");
  EXPECT_EQ(table.rows[5].cells[5].text, "+5.00");
}

TEST_F(RunMetricsFile, PixelColumnsAppearOnlyWhereMeasured) {
  const auto has_pixel = [](const Table& table) {
    for (const auto& column : table.columns) {
      if (column.name == "pixel_auroc_before") return true;
    }
    return false;
  };
  std::string text = test::small_metrics_file();
  EXPECT_FALSE(has_pixel(pair_table(read(text).cells[0])));
  text += test::metrics_line("bolt", "bent", "described", "product", "pixel_auroc_before", "0.9");
  EXPECT_TRUE(has_pixel(pair_table(read(text).cells[0])));
}

TEST_F(RunMetricsFile, NamesFileAndLineOfWhatIsWrong) {
  const std::string good = test::small_metrics_file();
  const std::string line = test::metrics_line("bolt", "bent", "described", "product", "image_auroc_gain", "0.1");
  test::expect_error<core::DataError>([&] { read(good + line); },
                                      {"given twice", "image_auroc_gain", "metrics.csv:50"});
  test::expect_error<core::DataError>(
      [&] { read(good + test::metrics_line("bolt", "x", "p", "f", "collateral", "nan")); },
      {"'nan'", "metrics.csv:50"});
  test::expect_error<core::DataError>(
      [&] { read(good + test::metrics_line("bolt", "x", "p", "f", "collateral", "0.5x")); }, {"'0.5x'"});
  test::expect_error<core::DataError>([&] { read("run,detector\n1,2\n"); }, {"category", "metrics.csv:1"});
  test::expect_error<core::DataError>([&] { read(std::string(test::kMetricsHeader) + "1,p,d,c,,,,,0,m,1,x,2\n"); },
                                      {"n_normal", "'x'", "metrics.csv:2"});
}

}  // namespace
}  // namespace normadd::reporting
