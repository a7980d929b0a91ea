// SPDX-License-Identifier: Apache-2.0
// LaTeX and HTML of tables, and marks in all views.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "hostile_names.h"
#include "latex_compiler.h"
#include "reporting/ranking.h"
#include "reporting/table_set.h"
#include "support/expect_error.h"

namespace normadd::reporting {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Table marked_table() {
  Table table;
  table.title = "A & B";
  table.columns = {{"method", "method", false},
                   {"auroc", "AUROC", true, false, Better::kHigher},
                   {"image_fpr", "FPR", true, false, Better::kLower},
                   {"gain", "gain"}};
  table.rows = {{{word_cell("a_b"), percent_cell(0.981), percent_cell(0.2), percent_change_cell(-0.0042)}},
                {{word_cell("[c]"), percent_cell(0.95), percent_cell(0.1), percent_change_cell(0.05)}},
                {{word_cell("control"), percent_cell(0.99), percent_cell(0.05), percent_cell(std::nan(""))}},
                {{word_cell("mean"), percent_cell(0.97), {}, {}}, true}};
  table.rows[2].is_group_start = true;
  table.rows[2].is_ranked = false;
  table.rows[0].cells[1].deviation = "0.3";
  table.rows[1].cells[3].interval = "[-1.00, 7.00]";
  table.rows[0].cells[3].interval = "[-0.50, -0.10]";
  table.rows[0].cells[3].is_significant = true;
  table.notes = {"x 100"};
  table.provenance = {"Run 1a_2b\n\\input{x}"};
  mark_best(table);
  return table;
}

TEST(LatexTable, IsABooktabsTableWithPlainCells) {
  EXPECT_EQ(latex_text(marked_table()),
            "% A \\& B\n"
            "% Run 1a\\_2b \\textbackslash{}input\\{x\\}\n"
            "\\begin{table}[tb]\n\\centering\n\\caption{A \\& B}\n\\small\n"
            "\\begin{tabular}{lrrr}\n"
            "\\toprule\n"
            "method & AUROC & FPR $\\downarrow$ & gain \\\\\n"
            "\\midrule\n"
            "a\\_b & $\\mathbf{98.1}_{\\pm 0.3}$ & \\underline{20.0} & $-0.42$ [$-$0.50, $-$0.10]$^{*}$ \\\\\n"
            "{[}c] & \\underline{95.0} & \\textbf{10.0} & $+5.00$ [$-$1.00, 7.00] \\\\\n"
            "\\midrule\n"
            "control & 99.0 & 5.0 & -- \\\\\n"
            "\\midrule\n"
            "mean & 97.0 &  &  \\\\\n"
            "\\bottomrule\n"
            "\\end{tabular}\n"
            "\\par\\smallskip\n{\\footnotesize\\raggedright\n"
            "x 100\\par\n"
            "Run 1a\\_2b \\textbackslash{}input\\{x\\}\\par\n"
            "}\n\\end{table}\n");
}

TEST(HtmlTable, CarriesRawValuesAndMarks) {
  const std::string html = html_table(marked_table());
  EXPECT_THAT(html, HasSubstr("<caption>A &amp; B</caption>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\" class=\"number\" data-name=\"image_fpr\">FPR \u2193</th>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number best\" data-value=\"0.981\"><b>98.1</b> <span class=\"deviation\">"
                              "&plusmn; 0.3</span></td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number second\" data-value=\"0.95\"><u>95.0</u></td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number significant\" data-value=\"-0.0042\">-0.42 <span class=\"interval\">"
                              "[-0.50, -0.10]</span>*</td>"));
  EXPECT_THAT(html, HasSubstr("<tr class=\"group-start\">"));
  EXPECT_THAT(html, HasSubstr("<tbody class=\"means\">\n<tr><td data-value=\"mean\">mean</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\" data-value=\"\">--</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"provenance\" colspan=\"4\">"));
}

TEST(MarkdownTable, MarksBestAndSecond) {
  EXPECT_THAT(markdown_text(marked_table()),
              HasSubstr("| a_b | **98.1 \u00b1 0.3** | <u>20.0</u> | -0.42 \\[-0.50, -0.10\\]\\* |"));
}

TEST(TerminalTable, KeepsNumbersAlignedBesideStars) {
  const std::string text = terminal_text(marked_table(), false);
  EXPECT_THAT(text, HasSubstr("-0.42 [-0.50, -0.10]*\n"));
  EXPECT_THAT(text, HasSubstr(" +5.00 [-1.00, 7.00]\n"));
}

TEST(TableFormats, NamesAreCheckedAndTablesJoinUnderOneHeader) {
  EXPECT_EQ(parse_table_format("latex"), TableFormat::kLatex);
  EXPECT_EQ(parse_table_format("html"), TableFormat::kHtml);
  test::expect_error<core::ConfigError>([] { parse_table_format("latec"); }, {"--format", "latex"});
  Table first = marked_table(), second = marked_table();
  first.keys = {{"run", "1"}};
  second.keys = {{"run", "2"}};
  second.columns[3].name = "change";
  const core::CsvTable csv = joined_csv({first, second});
  EXPECT_EQ(csv.columns, (std::vector<std::string>{"run", "method", "auroc", "image_fpr", "gain", "change"}));
  ASSERT_EQ(csv.rows.size(), 6u);
  EXPECT_EQ(csv.rows[1], (std::vector<std::string>{"1", "[c]", "0.95", "0.1", "0.05", ""}));
  EXPECT_EQ(csv.rows[4], (std::vector<std::string>{"2", "[c]", "0.95", "0.1", "", "0.05"}));
}

/// Every place of a table that can hold a name, with each hostile name in turn.
std::vector<Table> hostile_tables() {
  std::vector<Table> tables;
  for (const auto& name : test::hostile_names()) {
    Table table = marked_table();
    table.title = table.columns[1].heading = table.columns[0].name = name;
    table.rows[0].cells[0] = table.rows[1].cells[2] = word_cell(name);
    table.notes = table.provenance = {name};
    tables.push_back(std::move(table));
  }
  return tables;
}

TEST(HtmlTable, HoldsNoMarkupFromNames) {
  for (const auto& table : hostile_tables()) {
    const std::string html = html_table(table);
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("\" onmouseover=\"")));
  }
}

TEST(LatexTable, ManyTablesDoNotFillTheQueueOfFloats) {
  Table table;
  table.title = "t";
  table.columns = {{"name", "name", false}};
  table.rows.push_back({{word_cell("a")}});
  const std::vector<Table> many(70, table);
  const std::string latex = rendered(many, TableFormat::kLatex);
  std::size_t pages = 0;
  for (auto at = latex.find("\\clearpage"); at != std::string::npos; at = latex.find("\\clearpage", at + 1)) ++pages;
  EXPECT_EQ(pages, 5u);
  test::expect_compiles(latex);
}

TEST(LatexTable, CompilesWithHostileNames) {
  if (!test::has_pdflatex()) GTEST_SKIP() << "pdflatex is not installed";
  test::expect_compiles(rendered(hostile_tables(), TableFormat::kLatex));
}

}  // namespace
}  // namespace normadd::reporting
