// SPDX-License-Identifier: Apache-2.0
// The numbers of one cell of one pair, from scores before and after.
#pragma once

#include <span>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/normality_addition.h"
#include "experiment/result_tables.h"

namespace normadd::experiment {

/// before, after: one score per test sample. Adds image_auroc_before|after|gain, collateral,
/// s_auroc_added|good|retained, and one row per image to scores. before and after are image AUROCs on the new labels
/// (arXiv 2407.19849); collateral is AUROC(retained vs good) after - before; s_auroc_X is P(before > after) + P(before
/// = after)/2 over images of role X (arXiv 2604.07097).
void add_pair_metrics(const datasets::Category& category, const datasets::Pair& pair, const Cell& cell,
                      std::span<const double> before, std::span<const double> after, MetricsTable& metrics,
                      ScoresTable& scores);

}  // namespace normadd::experiment
