// SPDX-License-Identifier: Apache-2.0
// The pixel curves that a run keeps: curves/pro.csv and curves/pixel_roc.csv.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reporting/score_curves.h"

namespace normadd::reporting {

struct StoredCurve {
  std::string detector, category;
  Curve curve;
};

/// In the order of the file; none when there is no such file. y: the name of its last column. Throws DataError naming
/// file and line for a missing column or a value outside [0, 1].
std::vector<StoredCurve> read_curves(const std::filesystem::path& file, const std::string& y);

}  // namespace normadd::reporting
