// SPDX-License-Identifier: Apache-2.0
// Hydra's own settings under the names that users have in their fingers, mapped onto this program's:
//   hydra.mode=MULTIRUN                        a sweep, as -m
//   hydra.sweeper.params.KEY=VALUES            joins the sweep where the command line is silent
//   hydra.launcher.K, hydra/launcher=NAME      launcher.K, launcher=NAME (submitit_slurm: slurm; basic, joblib: local)
//   hydra.sweeper.K, hydra/sweeper=NAME        sweeper.K, sweeper=NAME (basic: grid; optuna: tpe)
//   hydra.sweep.dir, hydra.run.dir             sweep.dir, run.dir
//   hydra.verbose, hydra.job.name, ...         accepted, without effect
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/value.h"

namespace normadd::config {

/// What "hydra" says of how to run, apart from the configuration.
struct HydraSettings {
  bool is_multirun = false;
  std::vector<std::pair<std::string, std::string>> sweep_parameters;  // key -> its values as override text
};

/// Overrides with hydra's names replaced by ours; those that are settings go into settings instead.
/// Throws ConfigError for a name below hydra that means nothing here, with the nearest one.
std::vector<std::string> without_hydra_names(const std::vector<std::string>& overrides, HydraSettings& settings);

/// The same for a "hydra" section in YAML: takes it out of the configuration, puts what has our names into its place.
void take_hydra_section(Value& config, HydraSettings& settings);

}  // namespace normadd::config
