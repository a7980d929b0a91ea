// SPDX-License-Identifier: Apache-2.0
#include "reporting/summary_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "metrics_file.h"
#include "support/temporary_directory.h"

namespace normadd::reporting {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunMetrics metrics_of(const std::string& lines) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "metrics.csv", test::kMetricsHeader + lines);
  return read_run_metrics(directory / "metrics.csv");
}

std::string text_of(const Table& table, std::size_t row, const std::string& heading) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].heading == heading) return table.rows.at(row).cells.at(c).text;
  }
  return "no column " + heading;
}

std::string notes_of(const Table& table) {
  std::string text;
  for (const auto& note : table.notes) text += note + "\n";
  return text;
}

/// Two categories with two and one pairs, two prompt sets, and controls before and between them.
std::string rivals() {
  return test::pair_lines("bolt", "bent", "", "constant", "0.5", "0.5", "0") +
         test::pair_lines("bolt", "bent", "name_only", "product", "0.5", "0.6", "0.1") +
         test::pair_lines("bolt", "bent", "name_only", "random", "0.5", "0.9", "0.4") +
         test::pair_lines("bolt", "bent", "described", "product", "0.5", "0.62345", "0.12345") +
         test::pair_lines("bolt", "hole", "name_only", "product", "0.6", "0.6", "0") +
         test::pair_lines("bolt", "hole", "described", "product", "0.6", "0.9", "0.3") +
         test::pair_lines("cloth", "hole", "name_only", "product", "0.7", "0.6", "-0.1", "") +
         test::pair_lines("cloth", "hole", "described", "product", "0.7", "", "", "");
}

TEST(SummaryTable, PutsControlsAfterPromptSetsUnderARule) {
  const Table table = summary_table(metrics_of(rivals()));
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(text_of(table, 0, "prompts"), "name_only");
  EXPECT_EQ(text_of(table, 1, "prompts"), "described (best)");
  EXPECT_EQ(text_of(table, 2, "fusion"), "constant");
  EXPECT_EQ(text_of(table, 2, "prompts"), "(no text)");
  EXPECT_EQ(text_of(table, 3, "fusion"), "random");
  EXPECT_FALSE(table.rows[0].is_group_start || table.rows[1].is_group_start || table.rows[3].is_group_start);
  EXPECT_TRUE(table.rows[2].is_group_start);
}

TEST(SummaryTable, GivesBothMeansOfTheGainAndCountsPairsThatGained) {
  const Table table = summary_table(metrics_of(rivals()));
  // Pairs +10, 0, -10; categories +5 and -10.
  EXPECT_EQ(text_of(table, 0, "gain"), "0.00");
  EXPECT_EQ(text_of(table, 0, "by category"), "-2.50");
  EXPECT_EQ(text_of(table, 0, "gain > 0"), "1/3");
  EXPECT_EQ(text_of(table, 0, "before"), "60.0");
  EXPECT_EQ(text_of(table, 0, "collateral"), "-1.00");
  EXPECT_EQ(text_of(table, 0, "S added"), "75.0");
  // One of three gains is undefined: left out of the means, and not counted as gained.
  EXPECT_EQ(text_of(table, 1, "gain"), "+21.17");
  EXPECT_EQ(text_of(table, 1, "gain > 0"), "2/3");
}

TEST(SummaryTable, ShowsUndefinedMeansAsDashes) {
  const Table table = summary_table(metrics_of(test::pair_lines("cloth", "hole", "p", "product", "0.7", "", "", "")));
  EXPECT_EQ(text_of(table, 0, "after"), "--");
  EXPECT_EQ(text_of(table, 0, "gain"), "--");
  EXPECT_EQ(text_of(table, 0, "by category"), "--");
  EXPECT_EQ(text_of(table, 0, "gain > 0"), "0/1");
}

TEST(SummaryTable, MarksNoBestWithoutARival) {
  const Table table = summary_table(metrics_of(test::pair_lines("bolt", "bent", "p", "product", "0.5", "0.6", "0.1") +
                                               test::pair_lines("bolt", "bent", "p", "random", "0.5", "0.5", "0")));
  EXPECT_EQ(text_of(table, 0, "prompts"), "p");
  EXPECT_THAT(notes_of(table), Not(HasSubstr("best:")));
}

TEST(SummaryTable, ExplainsTheControlsItShows) {
  const std::string notes = notes_of(summary_table(metrics_of(rivals())));
  EXPECT_THAT(notes, HasSubstr("constant: even A_sup"));
  EXPECT_THAT(notes, HasSubstr("random: "));
  EXPECT_THAT(notes, Not(HasSubstr("oracle")));
}

TEST(SummaryTable, NoneIsAControlOnlyWithoutText) {
  const RunMetrics run = metrics_of(test::pair_lines("bolt", "bent", "", "none", "0.5", "0.5", "0") +
                                    test::pair_lines("bolt", "bent", "p", "none", "0.5", "0.5", "0") +
                                    test::pair_lines("bolt", "bent", "p", "wrong_object", "0.5", "0.5", "0"));
  EXPECT_TRUE(run.cells[0].is_control());
  EXPECT_FALSE(run.cells[1].is_control());
  EXPECT_TRUE(run.cells[2].is_control());
}

TEST(SummaryTable, NamesDetectorsInRowsOnlyWhereTheyDiffer) {
  const std::string one = test::pair_lines("bolt", "bent", "p", "product", "0.5", "0.6", "0.1");
  std::string other = one;
  for (std::size_t at = other.find("patchcore"); at != std::string::npos; at = other.find("patchcore", at)) {
    other.replace(at, 9, "padim");
  }
  const std::string alone = terminal_text(summary_table(metrics_of(one)), false);
  EXPECT_THAT(alone, HasSubstr("all pairs, patchcore\n"));
  EXPECT_THAT(alone, HasSubstr("\np        product"));  // no gap where the hidden column would be
  const Table both = summary_table(metrics_of(one + other));
  EXPECT_EQ(text_of(both, 0, "detector"), "patchcore");
  EXPECT_EQ(text_of(both, 1, "detector"), "padim");
  EXPECT_TRUE(both.rows[1].is_group_start);
}

}  // namespace
}  // namespace normadd::reporting
