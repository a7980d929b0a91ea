// SPDX-License-Identifier: Apache-2.0
// What 'normadd run --dry-run' says: how much work is left, what it takes.
#pragma once

#include <span>
#include <string>

#include "experiment/stage_plan.h"

namespace normadd::experiment {

/// One line per stage with how many different ones the jobs have, how many are cached, how many are missing and how
/// long those take; then the sum with its basis, and the memory of the dearest missing stage. Ends with a newline.
std::string plan_text(std::span<const JobPlan> plans);

/// The same as one JSON object: cells, finished, stages [{stage, distinct, cached, missing, seconds, unknown}],
/// seconds, unknown (missing stages nobody has ever timed), memory_bytes. Ends with a newline.
std::string plan_json(std::span<const JobPlan> plans);

}  // namespace normadd::experiment
