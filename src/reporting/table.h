// SPDX-License-Identifier: Apache-2.0
// A table as data, and its views: aligned text for terminals, Markdown, CSV.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/csv.h"

namespace normadd::reporting {

struct Column {
  std::string name;     // in CSV; empty = not there
  std::string heading;  // in views for people; empty = not there
  bool is_number = true;
  /// In the terminal view, a text equal to the one above it is left blank.
  bool hides_repeats = false;
};

/// What people read, and what programs read.
struct TableCell {
  std::string text;
  std::string raw;
};

TableCell word_cell(const std::string& text);
TableCell count_cell(std::size_t count);
/// A share in [0, 1] as percent with one decimal; raw is unrounded, 0-1. NaN = undefined: "--", raw empty.
TableCell percent_cell(double share);
/// The same with a sign and two decimals: "+4.53"; a value that rounds to zero is "0.00".
TableCell percent_change_cell(double share);

struct TableRow {
  std::vector<TableCell> cells;
  /// A mean over other rows: set apart by a rule, bold, and not part of the CSV, whose readers compute their own.
  bool is_mean = false;
  /// Set apart from the row above by a rule, in the terminal view.
  bool is_group_start = false;
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<TableRow> rows;
  /// Lines below the table: legend and provenance.
  std::vector<std::string> notes;
};

/// styled: ANSI bold for title, headings and means, dim for rules and notes.
std::string terminal_text(const Table& table, bool styled);
/// GitHub's dialect; means are bold.
std::string markdown_text(const Table& table);
/// Raw values, without means.
core::CsvTable csv_table(const Table& table);

}  // namespace normadd::reporting
