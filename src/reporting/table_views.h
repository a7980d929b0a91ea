// SPDX-License-Identifier: Apache-2.0
// The tables that can be made from finished runs, by name.
#pragma once

#include <string>
#include <vector>

#include "reporting/ablation_table.h"
#include "reporting/run_listing.h"
#include "reporting/table.h"

namespace normadd::reporting {

/// "ablation", "categories", "detectors", "pairs", "types", "summary".
const std::vector<std::string>& view_names();

struct ViewOptions {
  /// Of rows and metrics; detectors shows a table per metric (image_auroc_original when none is named).
  AblationOptions rows;
  bool mean_first = false;  // detectors: the mean before the categories
};

/// Tables of a view, without provenance. Throws ConfigError for an unknown view, metric or detector (nearest name),
/// DataError for a damaged file of a run, or when no run has what the view shows.
std::vector<Table> view_tables(const RunListing& listing, const std::string& view, const ViewOptions& options);

}  // namespace normadd::reporting
