// SPDX-License-Identifier: Apache-2.0
// One line per detector of a run: how good it is, and what normality addition does to it.
#pragma once

#include <cstddef>

#include "reporting/run_metrics.h"
#include "reporting/table.h"

namespace normadd::reporting {

std::size_t num_detectors(const RunMetrics& run);

/// Original labels (category means), then before, after, gain, collateral and S-AUROC (pair means) of the detector's
/// first cell that is no control, so that all rows answer the same prompts and fusion. Dashes where a detector has no
/// pair.
Table detector_table(const RunMetrics& run);

}  // namespace normadd::reporting
