// SPDX-License-Identifier: Apache-2.0
// Image AUROC of each defect type against good, for every detector of a run: which types a detector finds.
#pragma once

#include <string>

#include "reporting/run_metrics.h"
#include "reporting/run_scores.h"
#include "reporting/table.h"

namespace normadd::reporting {

/// Rows are the types of all categories, and the unweighted mean over types; columns the detectors. A number is that of
/// metrics.csv where it was measured per type (image_auroc_original/TYPE), else computed from scores.csv (score before,
/// original labels), which has the categories with pairs. detector: only this one; empty = all. Without rows where
/// neither file knows types.
Table type_table(const RunMetrics& run, const RunScores& scores, const std::string& detector);

}  // namespace normadd::reporting
