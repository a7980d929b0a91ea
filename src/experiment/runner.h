// SPDX-License-Identifier: Apache-2.0
// Runs one job from configuration to tables.
#pragma once

#include <filesystem>
#include <string>

#include "experiment/installation.h"
#include "experiment/job.h"

namespace normadd::experiment {

struct RunResult {
  std::filesystem::path folder;
  std::string text;  // the tables, for the terminal
};

/// Throws core::Error for bad input: then nothing of the run
/// remains but a folder whose status says failed, or no folder at all when the input was found bad before the start.
/// styled: the text has ANSI bold and dim, for terminals.
RunResult run_job(const Job& job, const Installation& installation, bool styled = false);

/// For all that follows in this process; 0 = as many as OMP_NUM_THREADS says, else all cores.
void set_threads(int threads);

}  // namespace normadd::experiment
