// SPDX-License-Identifier: Apache-2.0
// Searches: jobs that are drawn or proposed instead of listed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/search_space.h"
#include "config/sweep_expansion.h"
#include "sweeps/sweep_folder.h"
#include "sweeps/sweeper_options.h"

namespace normadd::sweeps {

/// Of a sweep with a searching sweeper. Throws ConfigError when nothing is swept.
config::SearchSpace search_space_of(const config::ComposeRequest& request);

/// n_trials draws; the same for the same space and seed.
std::vector<config::SweptOverrides> random_trials(const config::SearchSpace& space, const SweeperOptions& options);

/// The overrides of one trial.
config::SweptOverrides trial_overrides(const config::SearchSpace& space, const std::vector<std::string>& chosen);

/// How good a done job is: the mean over all pairs of the metric, and over detectors and prompt sets where it has
/// several; controls do not count. Nothing when the job is not done, or the metric is undefined. Throws ConfigError
/// when the job has no such metric (nearest name).
std::optional<double> trial_value(const SweepFolder& sweep, std::size_t job, const SweeperOptions& options);

struct BestTrial {
  std::vector<std::string> overrides;
  double value = 0;
};

/// FOLDER/optimization_results.yaml as Hydra's Optuna sweeper writes it: name, best_params, best_value.
void write_optimization_results(const std::filesystem::path& folder, const BestTrial& best);

}  // namespace normadd::sweeps
