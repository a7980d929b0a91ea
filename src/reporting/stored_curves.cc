// SPDX-License-Identifier: Apache-2.0
#include "reporting/stored_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/csv.h"
#include "core/error.h"

namespace normadd::reporting {
namespace {

constexpr const char* kHint = "Run again, or restore the file: it is written by 'normadd run'.";

double share_of(const core::CsvTable& table, std::size_t row, std::size_t column, const std::string& file) {
  const std::string& text = table.rows[row][column];
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 1)) {
    throw core::DataError(fmt::format("{} is '{}', not in [0, 1]", table.columns[column], text),
                          fmt::format("{}:{}", file, table.lines[row]), kHint);
  }
  return value;
}

}  // namespace

std::vector<StoredCurve> read_curves(const std::filesystem::path& file, const std::string& y) {
  if (!std::filesystem::is_regular_file(file)) return {};
  const auto table = core::read_csv(file);
  for (const std::string& column :
       {std::string("detector"), std::string("category"), std::string("false_positive_rate"), y}) {
    if (std::find(table.columns.begin(), table.columns.end(), column) == table.columns.end()) {
      throw core::DataError(fmt::format("the table has no column '{}'", column), file.string() + ":1", kHint);
    }
  }
  const std::size_t detector = table.column("detector"), category = table.column("category"),
                    x_column = table.column("false_positive_rate"), y_column = table.column(y);
  std::vector<StoredCurve> curves;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    if (curves.empty() || curves.back().detector != row[detector] || curves.back().category != row[category]) {
      curves.push_back({row[detector], row[category], {}});
    }
    curves.back().curve.x.push_back(share_of(table, r, x_column, file.string()));
    curves.back().curve.y.push_back(share_of(table, r, y_column, file.string()));
  }
  return curves;
}

}  // namespace normadd::reporting
