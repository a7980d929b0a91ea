// SPDX-License-Identifier: Apache-2.0
// CSV as RFC 4180 has it: comma, quotes only where needed, "\n" line ends, first row is the header.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace normadd::core {

struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines = {};  // of a table that was read: the 1-based line on which each row begins

  /// Position of a column. Throws DataError when there is none of that name.
  std::size_t column(const std::string& name) const;
};

std::string csv_text(const CsvTable& table);
/// Takes a byte order mark and Windows line ends; blank lines are passed over where a row has several columns.
/// Throws DataError with path and line for an unclosed quote or a row of another length than the header.
CsvTable parse_csv(const std::string& text, const std::string& path);
CsvTable read_csv(const std::filesystem::path& path);
void write_csv(const std::filesystem::path& path, const CsvTable& table);

}  // namespace normadd::core
