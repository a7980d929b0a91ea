// SPDX-License-Identifier: Apache-2.0
#include "reporting/table_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::reporting {
namespace {

std::string rendered_one(const Table& table, TableFormat format, bool styled) {
  switch (format) {
    case TableFormat::kMarkdown:
      return markdown_text(table);
    case TableFormat::kLatex:
      return latex_text(table);
    case TableFormat::kHtml:
      return html_table(table);
    default:
      return terminal_text(table, styled);
  }
}

void append(core::CsvTable& all, const core::CsvTable& more) {
  if (all.columns.empty()) {
    all = more;
    return;
  }
  for (const auto& column : more.columns) {
    if (std::find(all.columns.begin(), all.columns.end(), column) != all.columns.end()) continue;
    all.columns.push_back(column);
    for (auto& row : all.rows) row.emplace_back();
  }
  for (const auto& row : more.rows) {
    auto& joined = all.rows.emplace_back(all.columns.size());
    for (std::size_t c = 0; c < row.size(); ++c) joined[all.column(more.columns[c])] = row[c];
  }
}

}  // namespace

TableFormat parse_table_format(const std::string& name) {
  const std::vector<std::string> names{"text", "markdown", "csv", "latex", "html"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<TableFormat>(found - names.begin());
  throw core::ConfigError(fmt::format("there is no format '{}'", name), "--format", core::did_you_mean(name, names));
}

std::string rendered(const std::vector<Table>& tables, TableFormat format, bool styled) {
  if (format == TableFormat::kCsv) return core::csv_text(joined_csv(tables));
  // LaTeX holds only so many tables back while it looks for their places.
  constexpr std::size_t kMostFloats = 12;
  std::string text;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (i > 0) text += format == TableFormat::kLatex && i % kMostFloats == 0 ? "\n\\clearpage\n\n" : "\n";
    text += rendered_one(tables[i], format, styled);
  }
  return text;
}

core::CsvTable joined_csv(const std::vector<Table>& tables) {
  core::CsvTable all;
  for (const auto& table : tables) {
    core::CsvTable csv = csv_table(table);
    for (auto key = table.keys.rbegin(); key != table.keys.rend(); ++key) {
      csv.columns.insert(csv.columns.begin(), key->first);
      for (auto& row : csv.rows) row.insert(row.begin(), key->second);
    }
    append(all, csv);
  }
  return all;
}

}  // namespace normadd::reporting
