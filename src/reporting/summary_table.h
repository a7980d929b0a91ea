// SPDX-License-Identifier: Apache-2.0
// One line per (detector, prompts, fusion): what a run found, beside the controls that would expose a false finding.
#pragma once

#include "reporting/run_metrics.h"
#include "reporting/table.h"

namespace normadd::reporting {

/// Pair means, the category mean of the gain, and the number of pairs that gained. Per detector, prompt sets come first
/// and controls after a rule, each in the order of the file; where several prompt sets compete, the largest gain is
/// marked.
Table summary_table(const RunMetrics& run);

}  // namespace normadd::reporting
