// SPDX-License-Identifier: Apache-2.0
// Tables of a report: sorted by their headings and filtered by a box, both made by the script from plain tables.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "reporting/table.h"

namespace normadd::reporting {

/// HTML that replaces a cell's text, by (row, column of the table).
using CellHtml = std::map<std::pair<std::size_t, std::size_t>, std::string>;

/// Columns for people. Means stand in the foot, apart from sorting; numbers carry their raw value. A table of at least
/// eight rows gets a box to filter. heading: the table's title as a heading of the third level; else it is for screen
/// readers only.
std::string data_table(const Table& table, bool heading = true, const CellHtml& replaced = {});

/// One table of several: rows of all, columns by name, without means. labels: a word column before the others, one word
/// per table, left out when its heading is empty.
Table joined_table(const std::vector<Table>& tables, const std::string& heading,
                   const std::vector<std::string>& labels);

}  // namespace normadd::reporting
