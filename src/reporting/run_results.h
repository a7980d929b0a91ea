// SPDX-License-Identifier: Apache-2.0
// All that tables need to know of a run: its metrics, and how sure its gains are.
#pragma once

#include <filesystem>

#include "core/csv.h"
#include "reporting/run_metrics.h"

namespace normadd::reporting {

/// Reads run_folder/metrics.csv and, with intervals and where the folder has it, scores.csv. Throws DataError for a
/// damaged file.
RunMetrics read_run_results(const std::filesystem::path& run_folder, bool with_intervals);

/// Every gain of the run and its interval, unrounded: a row per pair, then for each cell the means over pairs and over
/// categories (column mean_over). Without rows where the run has no intervals.
core::CsvTable interval_csv(const RunMetrics& run);

}  // namespace normadd::reporting
