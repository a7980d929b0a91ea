// SPDX-License-Identifier: Apache-2.0
// Sweeps from the command line: made, launched, and shown when they end.
#pragma once

#include "config/compose.h"
#include "sweeps/sweep_folder.h"

namespace normadd::tools {

/// request: with sweeps in its overrides. always_new: also when the same sweep is there. Returns the exit code.
int multirun(const config::ComposeRequest& request, bool always_new);

/// Launches what is open in the sweep. Where the launcher waits for the jobs: collects and shows the results, and
/// returns 0 when all jobs are done, 1 otherwise. Throws Interrupted when it was told to stop.
int launch_sweep(const sweeps::SweepFolder& sweep);

/// Collects and shows what is there; the exit code as above.
int show_results(const sweeps::SweepFolder& sweep);

/// A folder as people would type it here.
std::string shown_path(const std::filesystem::path& path);

}  // namespace normadd::tools
