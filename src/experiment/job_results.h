// SPDX-License-Identifier: Apache-2.0
// From what remains of a job's categories to the files of its run.
#pragma once

#include <filesystem>
#include <span>

#include "experiment/category_outcome.h"
#include "experiment/prepared_job.h"

namespace normadd::experiment {

/// Writes folder/metrics.csv, folder/scores.csv and, where pixels were measured, folder/curves/. One outcome per
/// category of the dataset. Throws OutputError.
void write_results(const PreparedJob& prepared, std::span<const CategoryOutcome> categories,
                   const std::filesystem::path& folder);

/// Writes folder/tables; returns their text.
std::string write_run_tables(const std::filesystem::path& folder, bool styled);

}  // namespace normadd::experiment
