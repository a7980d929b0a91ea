// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reporting/escaping.h"
#include "reporting/table.h"

namespace normadd::reporting {
namespace {

/// Numbers with a sign are set as mathematics, or their minus would be a hyphen. Anything else may be text from data.
bool is_signed_number(const std::string& text) {
  return text.size() > 1 && (text[0] == '-' || text[0] == '+') &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// "[-0.42, +1.20]" with true minus signs.
std::string latex_interval(const std::string& interval) {
  std::string text;
  for (const char c : interval) text += c == '-' ? "$-$" : c == '+' ? "$+$" : std::string(1, c);
  return text;
}

std::string latex_number(const TableCell& cell) {
  const bool is_bold = cell.rank == Rank::kBest;
  std::string text;
  if (is_signed_number(cell.text) || !cell.deviation.empty()) {
    text = is_bold ? "\\mathbf{" + cell.text + "}" : cell.text;
    if (!cell.deviation.empty()) text += "_{\\pm " + cell.deviation + "}";
    text = "$" + text + "$";
  } else {
    text = cell.text == kUndefinedText ? kUndefinedText : latex_text(cell.text);
    if (is_bold) text = "\\textbf{" + text + "}";
  }
  if (cell.rank == Rank::kSecond) text = "\\underline{" + text + "}";
  if (!cell.interval.empty()) text += " " + latex_interval(cell.interval);
  if (cell.is_significant) text += "$^{*}$";
  return text;
}

std::string latex_row(const std::vector<std::string>& cells) {
  return fmt::format("{} \\\\\n", fmt::join(cells, " & "));
}

}  // namespace

std::string latex_text(const Table& table) {
  const auto columns = columns_for_people(table);
  std::string text = "% " + latex_text(table.title) + "\n";
  for (const auto& line : table.provenance) text += "% " + latex_text(line) + "\n";
  text += "\\begin{table}[tb]\n\\centering\n\\caption{" + latex_text(table.title) + "}\n\\small\n\\begin{tabular}{";
  for (const std::size_t c : columns) text += table.columns[c].is_number ? 'r' : 'l';
  text += "}\n\\toprule\n";
  std::vector<std::string> cells;
  for (const std::size_t c : columns) cells.push_back(latex_text(heading_text(table.columns[c])));
  text += latex_row(cells) + "\\midrule\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const TableRow& row = table.rows[r];
    const bool is_first_mean = row.is_mean && r > 0 && !table.rows[r - 1].is_mean;
    if (is_first_mean || row.is_group_start) text += "\\midrule\n";
    cells.clear();
    for (const std::size_t c : columns) {
      cells.push_back(table.columns[c].is_number ? latex_number(row.cells[c]) : latex_text(cell_text(row.cells[c])));
    }
    text += latex_row(cells);
  }
  text += "\\bottomrule\n\\end{tabular}\n";
  if (!table.notes.empty() || !table.provenance.empty()) {
    text += "\\par\\smallskip\n{\\footnotesize\\raggedright\n";
    for (const auto* lines : {&table.notes, &table.provenance}) {
      for (const auto& line : *lines) text += latex_text(line) + "\\par\n";
    }
    text += "}\n";
  }
  return text + "\\end{table}\n";
}

}  // namespace normadd::reporting
