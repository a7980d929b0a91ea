// SPDX-License-Identifier: Apache-2.0
// Node "sweeper": how a sweep chooses its jobs. Names of options as in Hydra's Optuna sweeper.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "config/value.h"

namespace normadd::sweeps {

/// grid: every combination. random: n_trials combinations, drawn when the sweep is made. tpe: n_trials combinations,
/// each chosen by Optuna's tree-structured Parzen estimator from what the earlier ones gave.
struct SweeperOptions {
  std::string name = "grid";
  int n_trials = 20;
  std::int64_t seed = 0;
  std::string direction = "maximize";
  std::string metric = "image_auroc_gain";  // its mean over all pairs is the value of a trial
  int n_startup_trials = 10;                // of tpe: drawn at random
  int n_jobs = 1;                           // of tpe: trials that run at the same time
  std::optional<std::string> study_name;    // of tpe; null = the sweep's own
  std::string program = "optuna";           // of tpe
  void describe(config::Options& options);
};

std::vector<std::string> sweeper_names();
/// Throws ConfigError (nearest name).
std::vector<config::Field> sweeper_fields(const std::string& name);

/// Of a resolved configuration; without the node, the grid. Throws ConfigError for unknown names and keys.
SweeperOptions sweeper_options(const config::Value& resolved);

}  // namespace normadd::sweeps
