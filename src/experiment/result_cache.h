// SPDX-License-Identifier: Apache-2.0
// The finished files of a job as a stage: metrics.csv, scores.csv, curves/, tables/, images/.
#pragma once

#include <filesystem>
#include <optional>

#include "experiment/prepared_job.h"
#include "stages/stage_key.h"

namespace normadd::experiment {

/// The finished results of jobs that equal this one; nothing when such are not kept.
std::optional<stages::StageKey> kept_results_key(const PreparedJob& prepared, bool with_panels, Session& session);

/// Copies them into the folder; false when there are none. Throws OutputError.
bool copy_results(const stages::StageKey& key, const std::filesystem::path& folder, Session& session);

/// Keeps what a finished run's folder holds.
void keep_results(const stages::StageKey& key, const std::filesystem::path& folder, Session& session);

}  // namespace normadd::experiment
