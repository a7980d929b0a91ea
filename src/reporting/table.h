// SPDX-License-Identifier: Apache-2.0
// A table as data, and its views: aligned text for terminals, Markdown, CSV, LaTeX, HTML. Every text in it may come
// from data; the views escape it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.h"

namespace normadd::reporting {

/// Which end of a column is good; unranked where neither is, or where rows do not compare.
enum class Better { kUnranked, kHigher, kLower };

struct Column {
  std::string name;     // in CSV; empty = not there
  std::string heading;  // in views for people; empty = not there
  bool is_number = true;
  /// In the terminal view, a text equal to the one above it is left blank.
  bool hides_repeats = false;
  Better better = Better::kUnranked;
};

enum class Rank { kNone, kBest, kSecond };

/// What people read, and what programs read.
struct TableCell {
  std::string text;
  std::string raw;
  std::string deviation = {};   // shown after a plus-minus sign
  std::string interval = {};    // "[low, high]"
  bool is_significant = false;  // the interval excludes 0: marked by a star
  Rank rank = Rank::kNone;      // set by mark_best (reporting/ranking.h)
};

inline constexpr const char* kUndefinedText = "--";

TableCell word_cell(const std::string& text);
TableCell count_cell(std::size_t count);
/// A share in [0, 1] as percent with one decimal; raw is unrounded, 0-1. NaN = undefined: "--", raw empty.
TableCell percent_cell(double share);
/// percent_cell's text for a deviation or the like: no sign, one decimal, or two for changes.
std::string percent_text(double share, bool is_change);
/// The same with a sign and two decimals: "+4.53"; a value that rounds to zero is "0.00".
TableCell percent_change_cell(double share);

struct TableRow {
  std::vector<TableCell> cells;
  /// A mean over other rows: set apart by a rule, bold, and not part of the CSV, whose readers compute their own.
  bool is_mean = false;
  /// Set apart from the row above by a rule, in terminal, LaTeX and HTML.
  bool is_group_start = false;
  /// Competes for best and second; controls and upper bounds do not.
  bool is_ranked = true;
};

struct Table {
  std::string title;
  /// What tells it from tables of the same kind, e.g. {"detector", "padim"}: columns of their common CSV.
  std::vector<std::pair<std::string, std::string>> keys;
  std::vector<Column> columns;
  std::vector<TableRow> rows;
  /// Lines below the table: its legend.
  std::vector<std::string> notes;
  /// Which runs, program and command made it; the last lines, comments too in LaTeX.
  std::vector<std::string> provenance;
};

/// Positions of the columns that people see.
std::vector<std::size_t> columns_for_people(const Table& table);
/// The heading with an arrow where lower is better.
std::string heading_text(const Column& column);
/// The whole cell as plain text: "98.1 ± 0.3", "+4.53 [+1.20, +7.10]*".
std::string cell_text(const TableCell& cell);

/// styled: ANSI bold for title, headings and means, dim for rules and notes.
std::string terminal_text(const Table& table, bool styled);
/// GitHub's dialect; means and best cells are bold, second ones underlined.
std::string markdown_text(const Table& table);
/// A table environment that needs booktabs: best bold, second underlined, deviations as small numbers below the line,
/// provenance as comments and a note. The same table, with the same text, compiles with any font encoding.
std::string latex_text(const Table& table);
/// A table element: rows in a first tbody, means in a second, notes in tfoot. Cells carry data-value (raw) and the
/// classes number, best, second, significant; columns data-name.
std::string html_table(const Table& table);
/// Raw values, without means.
core::CsvTable csv_table(const Table& table);

}  // namespace normadd::reporting
