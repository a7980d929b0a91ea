// SPDX-License-Identifier: Apache-2.0
// A search in which each trial is chosen from what the earlier ones gave (sweeper=tpe).
#pragma once

#include "config/compose.h"
#include "sweeps/sweeper_options.h"

namespace normadd::tools {

/// Trials run in batches of sweeper.n_jobs, each a sweep of its own below one folder, sweep.dir or
/// sweep.root/search_HASH; Optuna's journal lies beside them. The same command again goes on where it stood. Prints the
/// table of all trials and writes optimization_results.yaml. Returns the exit code. Throws ConfigError for launchers
/// that do not wait for their jobs, and what asking Optuna throws.
int tpe_search(const config::ComposeRequest& request, const sweeps::SweeperOptions& options);

}  // namespace normadd::tools
