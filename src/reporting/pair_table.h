// SPDX-License-Identifier: Apache-2.0
// The tables of normality addition, from a run's metrics.
#pragma once

#include "reporting/run_metrics.h"
#include "reporting/table.h"

namespace normadd::reporting {

/// One row per category on the original labels, and their mean.
Table original_table(const DetectorNumbers& numbers);

/// One row per pair of one cell: original, before, after, gain, collateral, S-AUROC on added, good and retained images
/// (pixel AUROC too where it was measured), then pair mean, pair mean without combined types if there are any, and
/// category mean.
Table pair_table(const CellNumbers& cell);

}  // namespace normadd::reporting
