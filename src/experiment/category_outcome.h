// SPDX-License-Identifier: Apache-2.0
// What remains of a category when its images were passed over: all that a job's tables need, and no map.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "experiment/original_results.h"

namespace normadd::experiment {

using Scores = std::vector<double>;  // one per test image of the category

/// With metrics.pixel_pairs only.
struct PixelNumbers {
  double before = 0, after = 0;
  std::size_t num_normal = 0, num_anomalous = 0;
};

struct CellOutcome {
  std::shared_ptr<Scores> after;  // shared by the jobs whose cells are the same
  std::optional<PixelNumbers> pixels;
};

struct DetectorOutcome {
  std::shared_ptr<const OriginalResults> original;
  std::shared_ptr<const Scores> before;
  std::vector<std::vector<CellOutcome>> cells;  // [pair][cell], as the job's plan
};

using CategoryOutcome = std::vector<DetectorOutcome>;  // one per detector of the job

}  // namespace normadd::experiment
