// SPDX-License-Identifier: Apache-2.0
// What an MLflow server is told about a run, or about the sweep above runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "exports/mlflow_artifacts.h"
#include "exports/mlflow_batches.h"
#include "exports/mlflow_push.h"
#include "exports/run_facts.h"

namespace normadd::exports {

/// What a run of the server should hold in the end.
struct Wanted {
  std::string uid, name, status;
  std::int64_t start_ms = 0, end_ms = 0;
  MlflowEntries entries;  // tags: those that the run is made with
  std::vector<ArtifactFile> files;
  std::size_t num_cut = 0;  // parameters longer than the server takes
};

/// parent_id: the server's run of the sweep, empty = none.
Wanted wanted_run(const RunFacts& facts, const std::string& parent_id, const MlflowPushOptions& options);

/// Of a sweep's folder; first: one of its runs. Its status is RUNNING, its end that of no run yet.
Wanted wanted_sweep(const std::filesystem::path& folder, const RunFacts& first, const MlflowPushOptions& options);

/// 0 when sweep.json does not say.
std::size_t num_jobs_of(const std::filesystem::path& sweep);

}  // namespace normadd::exports
