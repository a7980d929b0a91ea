// SPDX-License-Identifier: Apache-2.0
// What planning remembers between the jobs of a session, so that thousands of jobs cost little more than their distinct
// parts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment/stage_plan.h"

namespace normadd::experiment {

struct PlanMemory {
  std::map<std::string, std::vector<PlannedStage>> parts;      // by what decides them
  std::map<std::string, std::optional<double>> usual_seconds;  // of a stage
  std::size_t num_computed = 0;                                // by the cache when this was remembered
};

}  // namespace normadd::experiment
