// SPDX-License-Identifier: Apache-2.0
#include "reporting/report/data_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "reporting/escaping.h"

namespace normadd::reporting {
namespace {

constexpr std::size_t kFewestToFilter = 8;
constexpr std::size_t kMostRowsInFull = 24;  // longer tables scroll in a frame of their own
constexpr std::size_t kLongestWord = 24;

/// Whether a column would be too wide for a word that is not broken.
bool has_long_word(const std::string& text) {
  std::size_t length = 0;
  for (const char c : text) {
    length = c == ' ' ? 0 : length + 1;
    if (length > kLongestWord) return true;
  }
  return false;
}

/// Best and second as every view marks them; what the value varies by stands below it.
std::string value_html(const TableCell& cell) {
  std::string html = html_text(cell.text);
  if (cell.rank == Rank::kBest) html = "<b>" + html + "</b>";
  if (cell.rank == Rank::kSecond) html = "<u>" + html + "</u>";
  if (!cell.deviation.empty()) html += " <span class=\"interval\">± " + html_text(cell.deviation) + "</span>";
  if (!cell.interval.empty()) {
    html +=
        fmt::format(" <span class=\"interval\">{}{}</span>", html_text(cell.interval), cell.is_significant ? "*" : "");
  }
  return html;
}

std::string cell_html(const Table& table, std::size_t r, std::size_t c, const CellHtml& replaced) {
  const Column& column = table.columns[c];
  const TableCell& cell = table.rows[r].cells[c];
  std::string attributes = column.is_number ? " class=\"n\"" : has_long_word(cell.text) ? " class=\"long\"" : "";
  // What sorts by its text needs no second copy of it.
  if (column.is_number && cell.raw != cell.text) attributes += fmt::format(" data-value=\"{}\"", html_text(cell.raw));
  const auto other = replaced.find({r, c});
  return fmt::format("<td{}>{}</td>", attributes, other != replaced.end() ? other->second : value_html(cell));
}

std::string row_html(const Table& table, std::size_t r, const CellHtml& replaced) {
  std::string html = "<tr>";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (!table.columns[c].heading.empty()) html += cell_html(table, r, c, replaced);
  }
  return html + "</tr>\n";
}

}  // namespace

std::string data_table(const Table& table, bool heading, const CellHtml& replaced) {
  std::string head, body, foot;
  for (const auto& column : table.columns) {
    if (column.heading.empty()) continue;
    head += fmt::format("<th scope=\"col\"{}>{}</th>", column.is_number ? " class=\"n\"" : "",
                        html_text(heading_text(column)));
  }
  std::size_t num_rows = 0;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    (table.rows[r].is_mean ? foot : body) += row_html(table, r, replaced);
    num_rows += table.rows[r].is_mean ? 0 : 1;
  }
  std::string notes;
  for (const auto& note : table.notes) notes += html_text(note) + "<br>\n";
  std::string html = heading ? fmt::format("<h3>{}</h3>\n", html_text(table.title)) : "";
  html += fmt::format("<div class=\"data{}\"{}><div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n",
                      num_rows > kMostRowsInFull ? " tall" : "",
                      num_rows >= kFewestToFilter ? " data-filter=\"rows\"" : "", html_text(table.title));
  html += fmt::format("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n", head, body);
  if (!foot.empty()) html += fmt::format("<tfoot>\n{}</tfoot>\n", foot);
  html += "</table></div>\n";
  if (!notes.empty()) html += fmt::format("<p class=\"notes\">{}</p>\n", notes);
  return html + "</div>\n";
}

Table joined_table(const std::vector<Table>& tables, const std::string& heading,
                   const std::vector<std::string>& labels) {
  NORMADD_CHECK(tables.size() == labels.size(), "one label per table");
  Table joined;
  const bool has_labels = !heading.empty();
  if (has_labels) joined.columns.push_back({heading, heading, false});
  const auto same = [](const Column& a) {
    return [&a](const Column& b) { return a.name == b.name && a.heading == b.heading; };
  };
  for (const auto& table : tables) {
    for (const auto& column : table.columns) {
      if (std::none_of(joined.columns.begin(), joined.columns.end(), same(column))) joined.columns.push_back(column);
    }
  }
  for (std::size_t t = 0; t < tables.size(); ++t) {
    std::vector<std::size_t> places;
    for (const auto& column : tables[t].columns) {
      places.push_back(static_cast<std::size_t>(
          std::find_if(joined.columns.begin(), joined.columns.end(), same(column)) - joined.columns.begin()));
    }
    for (const auto& row : tables[t].rows) {
      if (row.is_mean) continue;
      TableRow wide{std::vector<TableCell>(joined.columns.size())};
      if (has_labels) wide.cells[0] = word_cell(labels[t]);
      for (std::size_t c = 0; c < row.cells.size(); ++c) wide.cells[places[c]] = row.cells[c];
      joined.rows.push_back(std::move(wide));
    }
  }
  if (!tables.empty()) joined.notes = tables.front().notes;
  return joined;
}

}  // namespace normadd::reporting
