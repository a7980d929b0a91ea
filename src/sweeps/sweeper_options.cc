// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweeper_options.h"

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::sweeps {

void SweeperOptions::describe(config::Options& o) {
  o.field("name", name).help("how jobs are chosen").one_of(sweeper_names());
  if (name == "grid") return;
  o.field("n_trials", n_trials).help("how many jobs").at_least(1);
  o.field("seed", seed).help("of the draws").at_least(0);
  o.field("direction", direction).help("whether larger or smaller is better").one_of({"maximize", "minimize"});
  o.field("metric", metric).help("metric of metrics.csv whose mean over all pairs judges a job");
  if (name != "tpe") return;
  o.field("n_startup_trials", n_startup_trials).help("trials drawn at random first").at_least(0);
  o.field("n_jobs", n_jobs).help("trials that are chosen together and run at the same time").at_least(1);
  o.field("study_name", study_name).help("name in Optuna's storage; null = the sweep's own");
  o.field("program", program).help("Optuna's command line");
}

std::vector<std::string> sweeper_names() { return {"grid", "random", "tpe"}; }

std::vector<config::Field> sweeper_fields(const std::string& name) {
  const auto names = sweeper_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw core::ConfigError("there is no sweeper '" + name + "'", "sweeper.name", core::did_you_mean(name, names));
  }
  SweeperOptions chosen;
  chosen.name = name;
  config::Options options(nullptr);
  chosen.describe(options);
  return options.fields();
}

SweeperOptions sweeper_options(const config::Value& resolved) {
  SweeperOptions chosen;
  const config::Value* node = resolved.find("sweeper");
  if (node == nullptr || node->is_null()) return chosen;
  // Which options there are depends on the name, which is therefore read first.
  if (const config::Value* name = node->find("name"); name != nullptr && name->is_string()) {
    sweeper_fields(name->as_string());
    chosen.name = name->as_string();
  }
  config::Options options(node);
  chosen.describe(options);
  options.finish("sweeper");
  return chosen;
}

}  // namespace normadd::sweeps
