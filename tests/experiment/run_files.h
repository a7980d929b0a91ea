// SPDX-License-Identifier: Apache-2.0
// What tests read from a run's folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/csv.h"

namespace normadd::experiment {

inline std::vector<std::string> column_of(const core::CsvTable& table, const std::string& name) {
  std::vector<std::string> values;
  for (const auto& row : table.rows) values.push_back(row[table.column(name)]);
  return values;
}

/// Values of one metric in the rows of one fusion, in the order of the file.
inline std::vector<double> values_of(const core::CsvTable& metrics, const std::string& metric,
                                     const std::string& fusion) {
  std::vector<double> values;
  for (const auto& row : metrics.rows) {
    if (row[metrics.column("metric")] == metric && row[metrics.column("fusion")] == fusion) {
      values.push_back(std::stod(row[metrics.column("value")]));
    }
  }
  return values;
}

inline std::string status_of(const std::filesystem::path& run) { return core::read_file(run / "status.json"); }

}  // namespace normadd::experiment
