// SPDX-License-Identifier: Apache-2.0
// Results under the column names of other tools, for scripts that read theirs. Shares 0-1, never rounded.
#pragma once

#include <string>
#include <vector>

#include "core/csv.h"
#include "reporting/run_listing.h"

namespace normadd::reporting {

struct CompatTable {
  core::CsvTable csv;
  std::vector<std::string> warnings;  // metrics that no run has: their cells are empty
};

/// PatchCore's results.csv (its src/patchcore/utils.py): Row Names, instance_auroc (the detector's own image score
/// where it was measured, else the map's maximum), full_pixel_auroc, anomaly_pixel_auroc; rows mvtec_bottle ..., then
/// Mean. It has room for one method: throws ConfigError naming --detector where the runs hold several, or several runs.
CompatTable patchcore_results(const RunListing& listing, const std::string& detector);

/// The results.csv of anomalib's benchmark: a row per run, detector and category. Durations of single categories and
/// the accelerator's name are not known here; F1 is the largest over all thresholds, as its adaptive threshold finds
/// it.
CompatTable anomalib_benchmark(const RunListing& listing, const std::string& detector);

/// By name: "patchcore", "anomalib". Throws ConfigError (at --compat) with the nearest name.
CompatTable compat_table(const RunListing& listing, const std::string& tool, const std::string& detector);

}  // namespace normadd::reporting
