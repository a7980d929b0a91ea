// SPDX-License-Identifier: Apache-2.0
#include "reporting/detector_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/algorithm/string/replace.hpp>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "metrics_file.h"
#include "reporting/run_tables.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// PatchCore's rows, and PaDiM's: the same but for a category mean that differs.
std::string two_detectors() {
  const std::string one = test::small_metrics_file();
  std::string other = boost::replace_all_copy(one.substr(one.find('\n') + 1), "patchcore", "padim");
  boost::replace_first(other, "image_auroc_original,1,", "image_auroc_original,0.4,");
  return one + other;
}

std::string text_of(const Table& table, std::size_t row, const std::string& heading) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].heading == heading) return table.rows.at(row).cells.at(c).text;
  }
  return "no column " + heading;
}

TEST(DetectorTable, HasARowPerDetectorWithBothKindsOfMean) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "metrics.csv", two_detectors());
  const Table table = detector_table(read_run_metrics(directory / "metrics.csv"));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(text_of(table, 0, "detector"), "patchcore");
  EXPECT_EQ(text_of(table, 1, "detector"), "padim");
  EXPECT_EQ(text_of(table, 0, "image AUROC"), "96.7");  // (1 + 0.9 + 1) / 3
  EXPECT_EQ(text_of(table, 1, "image AUROC"), "76.7");  // (0.4 + 0.9 + 1) / 3
  EXPECT_EQ(text_of(table, 0, "before"), "60.0");       // pairs 0.5, 0.6, 0.7; controls take no part
  EXPECT_EQ(text_of(table, 0, "gain"), "+10.00");       // 0.1, 0.3, -0.1
  EXPECT_EQ(text_of(table, 0, "gain > 0"), "2/3");
  EXPECT_EQ(text_of(table, 0, "collateral"), "-1.00");
  EXPECT_THAT(table.notes[1], HasSubstr("prompts described, fusion product"));
}

TEST(DetectorTable, IsWrittenOnlyForSeveralDetectors) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "metrics.csv", test::small_metrics_file());
  EXPECT_THAT(write_tables(directory / ""), Not(HasSubstr("Detectors before and after")));
  EXPECT_FALSE(std::filesystem::exists(directory / "tables/detectors.csv"));

  core::write_file_atomically(directory / "metrics.csv", two_detectors());
  EXPECT_THAT(write_tables(directory / ""), HasSubstr("Detectors before and after"));
  const core::CsvTable csv = core::read_csv(directory / "tables/detectors.csv");
  ASSERT_EQ(csv.rows.size(), 2u);
  EXPECT_NEAR(std::stod(csv.rows[0][csv.column("image_auroc_gain")]), 0.1, 1e-12);
  EXPECT_EQ(csv.rows[1][csv.column("num_pairs")], "3");
  EXPECT_THAT(core::read_file(directory / "tables/original.md"),
              testing::AllOf(HasSubstr("patchcore on"), HasSubstr("padim on")));
}

}  // namespace
}  // namespace normadd::reporting
