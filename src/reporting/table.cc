// SPDX-License-Identifier: Apache-2.0
#include "reporting/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/number_text.h"
#include "reporting/display_width.h"
#include "reporting/escaping.h"

namespace normadd::reporting {
namespace {

constexpr const char* kBold = "\x1b[1m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kPlain = "\x1b[0m";
constexpr std::size_t kColumnGap = 2;

std::string in_style(const std::string& text, const char* style, bool styled) {
  return styled ? style + text + kPlain : text;
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string space(width - std::min(width, display_width(text)), ' ');
  return to_the_right ? space + text : text + space;
}

/// With a space in place of a missing star where other cells of the column have one, so that numbers stay aligned.
std::string aligned_cell_text(const Table& table, const TableRow& row, std::size_t column) {
  const bool has_stars = std::any_of(table.rows.begin(), table.rows.end(),
                                     [&](const TableRow& other) { return other.cells[column].is_significant; });
  return cell_text(row.cells[column]) + (has_stars && !row.cells[column].is_significant ? " " : "");
}

/// Of all columns; those that no person sees have width 0.
std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths(table.columns.size(), 0);
  for (const std::size_t c : columns_for_people(table)) {
    widths[c] = display_width(heading_text(table.columns[c]));
    for (const auto& row : table.rows) widths[c] = std::max(widths[c], display_width(aligned_cell_text(table, row, c)));
  }
  return widths;
}

std::string without_trailing_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string aligned_line(const Table& table, const std::vector<std::size_t>& widths,
                         const std::vector<std::string>& texts) {
  std::string line;
  bool is_first = true;
  for (const std::size_t c : columns_for_people(table)) {
    if (!is_first) line.append(kColumnGap, ' ');
    is_first = false;
    line += padded(texts[c], widths[c], table.columns[c].is_number);
  }
  return without_trailing_spaces(std::move(line));
}

std::string markdown_cell(const TableRow& row, std::size_t column) {
  const TableCell& cell = row.cells[column];
  std::string content = markdown_text(cell_text(cell));
  if (content.empty()) return "";
  if (row.is_mean || cell.rank == Rank::kBest) content = "**" + content + "**";
  if (cell.rank == Rank::kSecond) content = "<u>" + content + "</u>";
  return content;
}

}  // namespace

TableCell word_cell(const std::string& text) { return {text, text}; }

TableCell count_cell(std::size_t count) { return word_cell(std::to_string(count)); }

TableCell percent_cell(double share) {
  if (std::isnan(share)) return {kUndefinedText, ""};
  return {percent_text(share, false), core::shortest_text(share)};
}

std::string percent_text(double share, bool is_change) {
  return fmt::format("{:.{}f}", 100.0 * share, is_change ? 2 : 1);
}

TableCell percent_change_cell(double share) {
  if (std::isnan(share)) return {kUndefinedText, ""};
  std::string text = fmt::format("{:+.2f}", 100.0 * share);
  if (text == "+0.00" || text == "-0.00") text = "0.00";
  return {text, core::shortest_text(share)};
}

std::vector<std::size_t> columns_for_people(const Table& table) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!table.columns[c].heading.empty()) columns.push_back(c);
  }
  return columns;
}

std::string heading_text(const Column& column) {
  return column.better == Better::kLower ? column.heading + " \u2193" : column.heading;
}

std::string cell_text(const TableCell& cell) {
  std::string text = cell.text;
  if (!cell.deviation.empty()) text += " \u00b1 " + cell.deviation;
  if (!cell.interval.empty()) text += " " + cell.interval;
  if (cell.is_significant) text += "*";
  return text;
}

std::string terminal_text(const Table& table, bool styled) {
  const auto widths = widths_of(table);
  std::size_t total_width = 0;
  for (const std::size_t c : columns_for_people(table)) total_width += widths[c] + (total_width > 0 ? kColumnGap : 0);
  std::string rule;
  for (std::size_t i = 0; i < total_width; ++i) rule += "\u2500";
  rule = in_style(rule, kDim, styled) + '\n';

  std::string text = in_style(table.title, kBold, styled) + '\n' + rule;
  std::vector<std::string> texts;
  for (const auto& column : table.columns) texts.push_back(heading_text(column));
  text += in_style(aligned_line(table, widths, texts), kBold, styled) + '\n' + rule;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const TableRow& row = table.rows[r];
    const TableRow* above = r > 0 ? &table.rows[r - 1] : nullptr;
    const bool is_first_mean = row.is_mean && above != nullptr && !above->is_mean;
    if (is_first_mean || row.is_group_start) text += rule;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const bool repeats = above != nullptr && above->cells[c].text == row.cells[c].text;
      texts[c] = table.columns[c].hides_repeats && repeats ? "" : aligned_cell_text(table, row, c);
    }
    const std::string line = aligned_line(table, widths, texts);
    text += (row.is_mean ? in_style(line, kBold, styled) : line) + '\n';
  }
  text += rule;
  for (const auto* lines : {&table.notes, &table.provenance}) {
    for (const auto& line : *lines) text += in_style(line, kDim, styled) + '\n';
  }
  return text;
}

std::string markdown_text(const Table& table) {
  std::string text = "## " + markdown_text(table.title) + "\n\n|";
  const auto columns = columns_for_people(table);
  for (const std::size_t c : columns) text += ' ' + markdown_text(heading_text(table.columns[c])) + " |";
  text += "\n|";
  for (const std::size_t c : columns) text += table.columns[c].is_number ? "---:|" : ":---|";
  text += '\n';
  for (const auto& row : table.rows) {
    text += '|';
    for (const std::size_t c : columns) text += ' ' + markdown_cell(row, c) + " |";
    text += '\n';
  }
  text += '\n';
  for (const auto* lines : {&table.notes, &table.provenance}) {
    for (const auto& line : *lines) text += markdown_text(line) + "  \n";
  }
  return text;
}

core::CsvTable csv_table(const Table& table) {
  core::CsvTable csv;
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!table.columns[c].name.empty()) columns.push_back(c);
  }
  for (const std::size_t c : columns) csv.columns.push_back(table.columns[c].name);
  for (const auto& row : table.rows) {
    if (row.is_mean) continue;
    auto& values = csv.rows.emplace_back();
    for (const std::size_t c : columns) values.push_back(row.cells[c].raw);
  }
  return csv;
}

}  // namespace normadd::reporting
