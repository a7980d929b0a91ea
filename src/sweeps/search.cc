// SPDX-License-Identifier: Apache-2.0
#include "sweeps/search.h"

#include <cmath>
#include <set>

#include "config/compose.h"
#include "config/override_grammar.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "reporting/means.h"
#include "reporting/run_metrics.h"

namespace normadd::sweeps {

config::SearchSpace search_space_of(const config::ComposeRequest& request) {
  const auto base = config::sweep_base(request);
  auto space = config::search_space(base.overrides, config::ConfigFiles(request.search_paths));
  if (space.dimensions.empty()) {
    throw core::ConfigError("the search has nothing to choose from", "command line",
                            "Give a key several values: fusion.lambda='interval(0,1)', detector=padim,patchcore.");
  }
  return space;
}

config::SweptOverrides trial_overrides(const config::SearchSpace& space, const std::vector<std::string>& chosen) {
  config::SweptOverrides trial{space.fixed, chosen};
  trial.all.insert(trial.all.end(), chosen.begin(), chosen.end());
  return trial;
}

std::vector<config::SweptOverrides> random_trials(const config::SearchSpace& space, const SweeperOptions& options) {
  core::RandomStream random(static_cast<std::uint64_t>(options.seed), "random search");
  std::vector<config::SweptOverrides> trials;
  for (int i = 0; i < options.n_trials; ++i) {
    std::vector<std::string> chosen;
    for (const auto& dimension : space.dimensions) {
      chosen.push_back(dimension.override_with(config::draw(dimension, random)));
    }
    trials.push_back(trial_overrides(space, chosen));
  }
  return trials;
}

std::optional<double> trial_value(const SweepFolder& sweep, std::size_t job, const SweeperOptions& options) {
  const auto file = sweep.run_folder(job) / "metrics.csv";
  if (!std::filesystem::is_regular_file(file)) return std::nullopt;
  const auto metrics = reporting::read_run_metrics(file);
  double sum = 0;
  std::size_t count = 0;
  std::set<std::string> names;
  for (const auto& cell : metrics.cells) {
    if (cell.is_control()) continue;
    for (const auto& pair : cell.pairs) {
      for (const auto& [name, value] : pair.values) names.insert(name);
    }
    const double value = reporting::pair_mean(cell.pairs, options.metric);
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  if (!names.empty() && !names.contains(options.metric)) {
    throw core::ConfigError("the runs have no metric '" + options.metric + "'", "sweeper.metric",
                            core::did_you_mean(options.metric, {names.begin(), names.end()}));
  }
  return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

void write_optimization_results(const std::filesystem::path& folder, const BestTrial& best) {
  config::MapEntries parameters;
  for (const auto& text : best.overrides) {
    const auto override = config::parse_override(text);
    parameters.emplace_back(text.substr(0, text.find('=')), override.value());
  }
  const config::Value results(config::MapEntries{{"name", config::Value("normadd")},
                                                 {"best_params", config::Value(std::move(parameters))},
                                                 {"best_value", config::Value(best.value)}});
  core::write_file_atomically(folder / "optimization_results.yaml", config::to_yaml(results));
}

}  // namespace normadd::sweeps
