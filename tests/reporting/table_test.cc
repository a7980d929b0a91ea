// SPDX-License-Identifier: Apache-2.0
#include "reporting/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "reporting/display_width.h"

namespace normadd::reporting {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Table small_table() {
  Table table;
  table.title = "Title";
  table.columns = {{"name", "name", false, true}, {"value", "value"}, {"", "for people"}, {"n_raw", ""}};
  table.rows = {{{word_cell("a|b"), percent_cell(0.98765), word_cell("x"), count_cell(3)}},
                {{word_cell("a|b"), percent_cell(kNan), word_cell("y"), count_cell(4)}},
                {{word_cell("mean"), percent_cell(0.5), {}, {}}, true}};
  table.notes = {"a note"};
  return table;
}

TEST(Cells, ShowPercentAndKeepTheNumber) {
  EXPECT_EQ(percent_cell(0.9876).text, "98.8");
  EXPECT_EQ(percent_cell(0.9876).raw, "0.9876");
  EXPECT_EQ(percent_cell(1.0).text, "100.0");
  EXPECT_EQ(percent_cell(kNan).text, "--");
  EXPECT_EQ(percent_cell(kNan).raw, "");
  EXPECT_EQ(percent_change_cell(0.04527).text, "+4.53");
  EXPECT_EQ(percent_change_cell(-0.0123).text, "-1.23");
  EXPECT_EQ(percent_change_cell(-0.00004).text, "0.00");
  EXPECT_EQ(percent_change_cell(0.0).text, "0.00");
  EXPECT_EQ(percent_change_cell(kNan).text, "--");
}

TEST(DisplayWidth, CountsLettersNotBytes) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("\u00e9\u00fc\u2212"), 3u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("\u50b7"), 2u);
  EXPECT_EQ(display_width("\U0001f600"), 2u);
  EXPECT_EQ(display_width("\xff\xc3"), 2u);
  EXPECT_EQ(display_width(""), 0u);
}

TEST(TerminalText, AlignsAndHidesRepeats) {
  EXPECT_EQ(terminal_text(small_table(), false),
            "Title\n"
            "───────────────────────\n"
            "name  value  for people\n"
            "───────────────────────\n"
            "a|b    98.8           x\n"
            "         --           y\n"
            "───────────────────────\n"
            "mean   50.0\n"
            "───────────────────────\n"
            "a note\n");
}

TEST(TerminalText, SetsGroupsApart) {
  Table table = small_table();
  table.rows[1].is_group_start = true;
  const std::string rule = "───────────────────────\n";
  EXPECT_THAT(terminal_text(table, false), ::testing::HasSubstr("x\n" + rule + "         --           y\n" + rule));
}

TEST(TerminalText, EveryLineFitsWithLettersOfSeveralBytes) {
  Table table = small_table();
  table.rows[0].cells[0] = word_cell("\u00e9clat\u00e9 \u50b7");
  table.columns[0].hides_repeats = false;
  const std::string text = terminal_text(table, false);
  std::istringstream lines(text);
  std::string line, heading;
  std::getline(lines, line);
  std::getline(lines, line);
  std::getline(lines, heading);
  std::getline(lines, line);
  std::getline(lines, line);
  EXPECT_EQ(display_width(line), display_width(heading));
}

TEST(TerminalText, StylesOnlyWhenAsked) {
  EXPECT_THAT(terminal_text(small_table(), true), ::testing::HasSubstr("\x1b[1m"));
  EXPECT_THAT(terminal_text(small_table(), false), ::testing::Not(::testing::HasSubstr("\x1b")));
}

TEST(MarkdownText, EscapesAndAligns) {
  EXPECT_EQ(markdown_text(small_table()),
            "## Title\n\n"
            "| name | value | for people |\n"
            "|:---|---:|---:|\n"
            "| a\\|b | 98.8 | x |\n"
            "| a\\|b | -- | y |\n"
            "| **mean** | **50.0** |  |\n\n"
            "a note  \n");
}

TEST(Csv, HasRawNumbersAndNoMeans) {
  const core::CsvTable csv = csv_table(small_table());
  EXPECT_EQ(csv.columns, (std::vector<std::string>{"name", "value", "n_raw"}));
  EXPECT_EQ(csv.rows, (std::vector<std::vector<std::string>>{{"a|b", "0.98765", "3"}, {"a|b", "", "4"}}));
}

}  // namespace
}  // namespace normadd::reporting
