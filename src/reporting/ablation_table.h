// SPDX-License-Identifier: Apache-2.0
// One row per configuration: the keys in which runs differ, and their numbers, mean and standard deviation over seeds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reporting/run_listing.h"
#include "reporting/table.h"

namespace normadd::reporting {

struct AblationOptions {
  bool by_seed = false;                // a row for each seed instead of their mean
  bool with_controls = false;          // also the suppressions that no sentence made
  bool by_category = false;            // means over categories instead of pairs
  bool with_intervals = false;         // of gains where there is one seed; reads scores.csv too
  bool one_cell_per_detector = false;  // the first that is no control: a row for each detector
  std::string detector;                // only this one; empty = all
  std::vector<std::string> metrics;    // names of metrics.csv; empty = those of a run's summary
};

/// Within a run, rows also differ by detector, prompt set and control where it has several. The standard deviation is
/// that of a sample (n - 1); n is the number of seeds. Throws DataError for a damaged metrics.csv, ConfigError for a
/// metric that no run has (nearest name).
Table ablation_table(const RunListing& listing, const AblationOptions& options);

}  // namespace normadd::reporting
