// SPDX-License-Identifier: Apache-2.0
// The finished files of a job as a stage: metrics.csv, scores.csv, tables/, images/.
#pragma once

#include <filesystem>

#include "experiment/prepared_job.h"

namespace normadd::experiment {

/// Copies the results of an equal job into the folder; false when there are none. Throws OutputError.
bool copy_results(const PreparedJob& prepared, bool with_panels, const std::filesystem::path& folder, Session& session);

/// Keeps what a finished run's folder holds. Runs that save detectors or maps are not kept: those files are large.
void keep_results(const PreparedJob& prepared, bool with_panels, const std::filesystem::path& folder, Session& session);

}  // namespace normadd::experiment
