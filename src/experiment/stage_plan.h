// SPDX-License-Identifier: Apache-2.0
// What a job will compute, before it starts: its stages, which of them are in the cache, what they cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment/job.h"
#include "experiment/session.h"

namespace normadd::experiment {

struct PlannedStage {
  std::string stage, hash;
  std::string label;  // "fit patchcore, carpet"
  bool is_cached = false;
  std::optional<double>
      seconds;  // of the cached entry, or estimated from others of the same stage; nothing when unknown
  std::uint64_t memory_bytes = 0;
};

struct JobPlan {
  std::vector<PlannedStage> stages;
  bool is_result_cached = false;
};

/// The stages that the job needs, the last one its results: when those are cached, it needs nothing else. Reads the
/// data and loads the networks (once per session), computes nothing. Throws what the job itself would throw for bad
/// input before its start. What other processes add to the cache meanwhile is not seen.
JobPlan plan_job(const Job& job, Session& session);

/// Indices of the plans in the order in which workers should take them: those that compute a stage for the first time
/// come first, so that parallel workers do not wait for one another; then the rest, stage neighbours together.
std::vector<std::size_t> shared_stages_first(const std::vector<JobPlan>& plans);

}  // namespace normadd::experiment
