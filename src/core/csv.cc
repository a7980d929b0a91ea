// SPDX-License-Identifier: Apache-2.0
#include "core/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::core {
namespace {

void append_field(std::string& text, const std::string& field) {
  if (field.find_first_of(",\"\n\r") == std::string::npos) {
    text += field;
    return;
  }
  text += '"';
  for (const char c : field) {
    if (c == '"') text += '"';
    text += c;
  }
  text += '"';
}

void append_row(std::string& text, const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    append_field(text, row[i]);
  }
  text += '\n';
}

}  // namespace

std::size_t CsvTable::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) throw DataError(fmt::format("the table has no column '{}'", name), "", "");
  return static_cast<std::size_t>(found - columns.begin());
}

std::string csv_text(const CsvTable& table) {
  std::string text;
  append_row(text, table.columns);
  for (const auto& row : table.rows) append_row(text, row);
  return text;
}

CsvTable parse_csv(const std::string& text, const std::string& path) {
  CsvTable table;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false, was_quoted = false;
  std::size_t line = 1, first_line = 1;  // where we are, where the row began
  const auto end_row = [&] {
    const bool blank = row.empty() && field.empty() && !was_quoted;
    was_quoted = false;
    if (blank && table.columns.size() > 1) return;
    row.push_back(std::move(field));
    field.clear();
    if (table.columns.empty()) {
      table.columns = std::move(row);
    } else if (row.size() != table.columns.size()) {
      throw DataError(fmt::format("the row has {} fields, the header {}", row.size(), table.columns.size()),
                      fmt::format("{}:{}", path, first_line), "");
    } else {
      table.rows.push_back(std::move(row));
      table.lines.push_back(first_line);
    }
    row.clear();
  };
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  for (std::size_t i = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        line += c == '\n' ? 1 : 0;
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += c;
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = was_quoted = true;
    } else if (c == ',') {
      row.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      end_row();
      first_line = ++line;
    } else if (c != '\r') {
      field += c;
    }
  }
  if (quoted) throw DataError("a quoted field is not closed", fmt::format("{}:{}", path, first_line), "");
  if (!field.empty() || !row.empty()) end_row();
  return table;
}

CsvTable read_csv(const std::filesystem::path& path) { return parse_csv(read_file(path), path.string()); }

void write_csv(const std::filesystem::path& path, const CsvTable& table) {
  write_file_atomically(path, csv_text(table));
}

}  // namespace normadd::core
