// SPDX-License-Identifier: Apache-2.0
// The ROC curve of each detector on the original labels of each category, from a run's scores.csv.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/csv.h"

namespace normadd::exports {

struct RocCurve {
  std::string detector, category;
  /// fpr, tpr, threshold; from (0, 0), whose threshold is empty, to (1, 1). score >= threshold is called anomalous.
  core::CsvTable points;
};

/// In the order of the file; a category without both classes has no curve. Scores are the maxima of A. Throws DataError
/// naming file and line for a missing column or a score or label that is none.
std::vector<RocCurve> roc_curves(const std::filesystem::path& scores_csv);

}  // namespace normadd::exports
