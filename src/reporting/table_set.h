// SPDX-License-Identifier: Apache-2.0
// Several tables of one kind as one text or file.
#pragma once

#include <string>
#include <vector>

#include "core/csv.h"
#include "reporting/table.h"

namespace normadd::reporting {

enum class TableFormat { kText, kMarkdown, kCsv, kLatex, kHtml };

/// "text", "markdown", "csv", "latex" or "html". Throws ConfigError (at --format) with the nearest name.
TableFormat parse_table_format(const std::string& name);

/// One after the other; as CSV, all rows under one header. styled is for text alone.
std::string rendered(const std::vector<Table>& tables, TableFormat format, bool styled = false);

/// Rows of all tables, their keys as first columns; a table without one of the columns has empty cells there.
core::CsvTable joined_csv(const std::vector<Table>& tables);

}  // namespace normadd::reporting
