// SPDX-License-Identifier: Apache-2.0
// Sweeps from the command line: made, launched, and shown when they end.
#pragma once

#include <vector>

#include "config/compose.h"
#include "config/sweep_expansion.h"
#include "sweeps/sweep_folder.h"

namespace normadd::tools {

/// request: with sweeps in its overrides. always_new: also when the same sweep is there. Returns the exit code.
int multirun(const config::ComposeRequest& request, bool always_new);

/// Every job that the request's sweeper chooses beforehand; those of a random search for sweeper=tpe.
std::vector<config::SweptOverrides> sweep_jobs(const config::ComposeRequest& request);

/// Launches what is open in the sweep. True when nothing is left running: it was complete, or the launcher waited.
/// Throws Interrupted when it was told to stop.
bool launch_open_jobs(const sweeps::SweepFolder& sweep);

/// Launches what is open in the sweep. Where the launcher waits for the jobs: collects and shows the results, and
/// returns 0 when all jobs are done, 1 otherwise. Throws Interrupted when it was told to stop.
int launch_sweep(const sweeps::SweepFolder& sweep);

/// Collects and shows what is there; the exit code as above.
int show_results(const sweeps::SweepFolder& sweep);

/// A folder as people would type it here.
std::string shown_path(const std::filesystem::path& path);

}  // namespace normadd::tools
