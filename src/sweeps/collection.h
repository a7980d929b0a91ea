// SPDX-License-Identifier: Apache-2.0
// The results of all done jobs of a sweep as files of the sweep itself, and as a table.
//   metrics.csv, scores.csv   those of the jobs, in the order of their numbers, with leading columns: job, and each
//                             configuration key in which the jobs differ ("config.KEY" where a column has that name)
//   table.txt                 the table that people see
//   collected.json            how many jobs are in them
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reporting/table.h"
#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

struct Collection {
  reporting::Table table;            // without rows when no job is done
  std::vector<std::size_t> missing;  // jobs that are not done
};

/// Every file is written whole or not at all. Throws DataError for a damaged result (naming the file), OutputError.
Collection collect(const SweepFolder& sweep);

/// table.txt, once all jobs are done and collected; nothing before.
std::optional<std::string> final_table(const SweepFolder& sweep);

}  // namespace normadd::sweeps
