// SPDX-License-Identifier: Apache-2.0
// The numbers of map_evaluation.h as tables for people.
#pragma once

#include <string>
#include <vector>

#include "core/csv.h"
#include "metrics/threshold.h"
#include "reporting/table.h"

namespace normadd::experiment {

struct CategoryThreshold {
  std::string category;
  metrics::Threshold threshold;
};

/// metrics: rows of a MetricsTable, made by MapEvaluation. name: whose maps they are. Up to five tables, each only when
/// there is something in it: per category with the macro mean, the same without the good images' pixels, per defect
/// type, per added type on the new labels, decisions at the thresholds.
std::vector<reporting::Table> evaluation_tables(const core::CsvTable& metrics, const std::string& name,
                                                const std::vector<CategoryThreshold>& thresholds);

/// Every category counts the same, undefined values are left out; NaN when none is left. On the original labels, all
/// types together.
double macro_mean(const core::CsvTable& metrics, const std::string& metric);

}  // namespace normadd::experiment
