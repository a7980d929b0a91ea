// SPDX-License-Identifier: Apache-2.0
#include "reporting/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

namespace normadd::reporting {
namespace {

/// One ranked column.
Table table_of(const std::vector<double>& values, Better better = Better::kHigher) {
  Table table;
  table.columns = {{"value", "value", true, false, better}};
  for (const double value : values) table.rows.push_back({{percent_cell(value)}});
  return table;
}

std::string marks_of(Table table) {
  mark_best(table);
  std::string marks;
  for (const auto& row : table.rows) {
    const Rank rank = row.cells[0].rank;
    marks += rank == Rank::kBest ? 'B' : rank == Rank::kSecond ? 's' : '.';
  }
  return marks;
}

TEST(MarkBest, TiesAreDecidedAfterRounding) {
  EXPECT_EQ(marks_of(table_of({0.9812, 0.9809, 0.97, 0.96})), "BBs.");
  EXPECT_EQ(marks_of(table_of({0.5, 0.9, 0.7004, 0.6996, 0.6})), ".Bss.");
  EXPECT_EQ(marks_of(table_of({0.5, 0.5})), "BB");
}

TEST(MarkBest, LowerCanBeBetterAndSomeColumnsHaveNoBest) {
  EXPECT_EQ(marks_of(table_of({0.3, 0.1, 0.2}, Better::kLower)), ".Bs");
  EXPECT_EQ(marks_of(table_of({0.3, 0.1, 0.2}, Better::kUnranked)), "...");
}

TEST(MarkBest, UndefinedNumbersMeansAndControlsDoNotCompete) {
  EXPECT_EQ(marks_of(table_of({std::nan(""), 0.4, 0.5})), ".sB");
  EXPECT_EQ(marks_of(table_of({std::nan(""), 0.4})), "..");
  Table table = table_of({0.9, 0.5, 0.4, 0.8});
  table.rows[0].is_ranked = false;
  table.rows[3].is_mean = true;
  EXPECT_EQ(marks_of(table), ".Bs.");
}

TEST(MarkBest, ComparesNumbersNotTexts) {
  EXPECT_EQ(marks_of(table_of({1.0, 0.999, 0.098})), "Bs.");
  Table changes = table_of({0, 0});
  changes.rows[0].cells[0] = percent_change_cell(-0.05);
  changes.rows[1].cells[0] = percent_change_cell(-0.2);
  EXPECT_EQ(marks_of(changes), "Bs");
}

}  // namespace
}  // namespace normadd::reporting
