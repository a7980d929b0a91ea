// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "reporting/escaping.h"
#include "reporting/table.h"

namespace normadd::reporting {
namespace {

std::string class_attribute(const std::string& classes) {
  return classes.empty() ? "" : fmt::format(" class=\"{}\"", classes);
}

std::string html_cell(const Column& column, const TableCell& cell) {
  std::string classes = column.is_number ? "number" : "";
  std::string text = html_text(cell.text);
  if (cell.rank == Rank::kBest) {
    classes += " best";
    text = "<b>" + text + "</b>";
  } else if (cell.rank == Rank::kSecond) {
    classes += " second";
    text = "<u>" + text + "</u>";
  }
  if (cell.is_significant) classes += " significant";
  if (!cell.deviation.empty()) {
    text += fmt::format(" <span class=\"deviation\">&plusmn; {}</span>", html_text(cell.deviation));
  }
  if (!cell.interval.empty()) text += fmt::format(" <span class=\"interval\">{}</span>", html_text(cell.interval));
  if (cell.is_significant) text += "*";
  return fmt::format("<td{} data-value=\"{}\">{}</td>", class_attribute(classes), html_text(cell.raw), text);
}

std::string html_rows(const Table& table, const std::vector<std::size_t>& columns, bool means) {
  std::string text;
  for (const auto& row : table.rows) {
    if (row.is_mean != means) continue;
    text += row.is_group_start ? "<tr class=\"group-start\">" : "<tr>";
    for (const std::size_t c : columns) text += html_cell(table.columns[c], row.cells[c]);
    text += "</tr>\n";
  }
  if (text.empty()) return "";
  return (means ? "<tbody class=\"means\">\n" : "<tbody>\n") + text + "</tbody>\n";
}

}  // namespace

std::string html_table(const Table& table) {
  const auto columns = columns_for_people(table);
  std::string text =
      fmt::format("<table class=\"results\">\n<caption>{}</caption>\n<thead>\n<tr>", html_text(table.title));
  for (const std::size_t c : columns) {
    const Column& column = table.columns[c];
    text +=
        fmt::format("<th scope=\"col\"{} data-name=\"{}\">{}</th>", class_attribute(column.is_number ? "number" : ""),
                    html_text(column.name), html_text(heading_text(column)));
  }
  text += "</tr>\n</thead>\n" + html_rows(table, columns, false) + html_rows(table, columns, true);
  if (!table.notes.empty() || !table.provenance.empty()) {
    text += "<tfoot>\n";
    const auto add_line = [&](const std::string& line, const char* kind) {
      text += fmt::format("<tr><td class=\"{}\" colspan=\"{}\">{}</td></tr>\n", kind, columns.size(), html_text(line));
    };
    for (const auto& line : table.notes) add_line(line, "note");
    for (const auto& line : table.provenance) add_line(line, "provenance");
    text += "</tfoot>\n";
  }
  return text + "</table>\n";
}

}  // namespace normadd::reporting
