// SPDX-License-Identifier: Apache-2.0
#include "normadd/tpe_search.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "config/fingerprint.h"
#include "config/override_text.h"
#include "config/sweep_expansion.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/log.h"
#include "normadd/home.h"
#include "normadd/multirun.h"
#include "normadd/sweep_place.h"
#include "reporting/ablation_table.h"
#include "reporting/run_listing.h"
#include "sweeps/launcher.h"
#include "sweeps/optuna_study.h"
#include "sweeps/search.h"
#include "sweeps/sweep_creation.h"
#include "sweeps/sweep_options.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using sweeps::OptunaStudy;
using sweeps::Trial;

/// Trials that were asked for together: numbers in the study, and what each chose.
struct Batch {
  std::vector<int> trials;
  std::vector<std::vector<std::string>> chosen;
};

fs::path batch_file(const fs::path& folder, std::size_t number) {
  return folder / fmt::format("batch_{:04}.json", number);
}

std::optional<Batch> read_batch(const fs::path& file) {
  if (!fs::is_regular_file(file)) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(core::read_file(file));
    return Batch{json.at("trials").get<std::vector<int>>(),
                 json.at("chosen").get<std::vector<std::vector<std::string>>>()};
  } catch (const nlohmann::json::exception&) {
    throw core::DataError("the file is damaged", file.string(), "Remove the search's folder and search again.");
  }
}

/// Optuna hands choices back as their override texts, numbers as numbers.
std::vector<std::string> chosen_by(const Trial& trial, const config::SearchSpace& space) {
  std::vector<std::string> chosen;
  for (const auto& dimension : space.dimensions) {
    const auto found = std::find_if(trial.parameters.begin(), trial.parameters.end(),
                                    [&](const auto& parameter) { return parameter.first == dimension.key; });
    NORMADD_CHECK(found != trial.parameters.end(), dimension.key);
    const bool is_text = dimension.kind == config::SearchDimension::Kind::kChoice;
    chosen.push_back(is_text ? fmt::format("{}={}", dimension.key, found->second.as_string())
                             : dimension.override_with(found->second));
  }
  return chosen;
}

class Search {
 public:
  Search(const config::ComposeRequest& request, const sweeps::SweeperOptions& options)
      : request_(request), options_(options), space_(sweeps::search_space_of(request)), folder_(folder_of()) {}

  int run() {
    // The study is opened first: without Optuna nothing shall be left behind.
    const OptunaStudy study(study_request());
    std::size_t num_trials = 0;
    const auto wanted = static_cast<std::size_t>(options_.n_trials);
    std::set<int> known;
    for (std::size_t number = 0; num_trials < wanted; ++number) {
      auto batch = read_batch(batch_file(folder_, number));
      if (!batch) {
        give_up_lost(study, known);
        batch = ask(study, num_trials, std::min<std::size_t>(options_.n_jobs, wanted - num_trials));
        write_batch(number, *batch);
      }
      run_batch(study, *batch, number);
      known.insert(batch->trials.begin(), batch->trials.end());
      num_trials += batch->trials.size();
    }
    return show();
  }

 private:
  fs::path folder_of() const {
    const auto base = config::sweep_base(request_);
    const config::Value resolved = config::resolve(base.composed.config);
    const auto sweep = sweeps::sweep_options(resolved);
    const auto name = sweeps::launcher_node(resolved).find("name")->as_string();
    if (name != "local") {
      throw core::ConfigError(fmt::format("a search waits for every trial, launcher={} does not", name), "launcher",
                              "Take launcher=local, or sweeper=random, whose trials are drawn beforehand.");
    }
    if (sweep.dir) return fs::absolute(*sweep.dir);
    config::Value identity = resolved;
    for (const char* key : {"run", "cache", "launcher", "threads", "sweep", "sweeper"}) identity.erase(key);
    const std::string text =
        fmt::format("{} {} {} {} {} {} {}", config::fingerprint(identity), config::optuna_distributions(space_),
                    options_.seed, options_.metric, options_.direction, options_.n_startup_trials, options_.n_jobs);
    return fs::absolute(sweep.root) / fmt::format("search_{}", core::xxh128_hex(text).substr(0, 8));
  }

  OptunaStudy::Request study_request() const {
    OptunaStudy::Request request;
    request.program = options_.program;
    request.journal = folder_ / "optuna_journal.log";
    request.name = options_.study_name.value_or(folder_.filename().string());
    request.maximize = options_.direction == "maximize";
    request.sampler = "TPESampler";
    request.sampler_arguments = fmt::format("{{\"n_startup_trials\": {}}}", options_.n_startup_trials);
    request.seed = options_.seed;
    request.search_space = config::optuna_distributions(space_);
    return request;
  }

  /// Trials that Optuna knows and no batch has: asked for just before this program was killed.
  static void give_up_lost(const OptunaStudy& study, const std::set<int>& known) {
    for (const auto& trial : study.trials()) {
      if (trial.state == Trial::State::kRunning && !known.contains(trial.number)) study.tell_failed(trial.number);
    }
  }

  Batch ask(const OptunaStudy& study, std::size_t num_before, std::size_t count) const {
    Batch batch;
    for (std::size_t i = 0; i < count; ++i) {
      const Trial trial = study.ask(num_before + i);
      batch.trials.push_back(trial.number);
      batch.chosen.push_back(chosen_by(trial, space_));
    }
    return batch;
  }

  void write_batch(std::size_t number, const Batch& batch) const {
    const nlohmann::ordered_json json{{"trials", batch.trials}, {"chosen", batch.chosen}};
    core::write_file_atomically(batch_file(folder_, number), json.dump(1) + "\n");
  }

  void run_batch(const OptunaStudy& study, const Batch& batch, std::size_t number) {
    sweeps::SweepRequest making{request_, {}, home(), false};
    for (const auto& chosen : batch.chosen) {
      making.jobs.push_back(sweeps::trial_overrides(space_, chosen));
      const std::string place = (folder_ / fmt::format("{:04}", number)).string();
      making.jobs.back().all.push_back(fmt::format("sweep.dir={}", config::override_text(config::Value(place))));
    }
    const auto made = sweeps::make_sweep(making);
    launch_open_jobs(made.folder);
    for (std::size_t i = 0; i < batch.trials.size(); ++i) {
      // Two trials with the same choices are one job.
      const auto& jobs = made.folder.jobs();
      const auto job =
          std::find_if(jobs.begin(), jobs.end(), [&](const auto& one) { return one.overrides == batch.chosen[i]; });
      const auto value =
          job != jobs.end() ? sweeps::trial_value(made.folder, job->number, options_) : std::optional<double>();
      if (value) {
        study.tell(batch.trials[i], *value);
        keep_if_best(batch.chosen[i], *value);
        core::log_info(fmt::format("trial {}: {:.6f}, best {:.6f}", batch.trials[i], *value, best_->value));
      } else {
        study.tell_failed(batch.trials[i]);
        ++num_failed_;
      }
    }
  }

  void keep_if_best(const std::vector<std::string>& chosen, double value) {
    const bool is_better = !best_ || (options_.direction == "maximize" ? value > best_->value : value < best_->value);
    if (is_better) best_ = sweeps::BestTrial{chosen, value};
  }

  int show() const {
    if (!best_) {
      fmt::print(stderr, "No trial has a value. Their logs lie below {}\n", shown_path(folder_));
      return 1;
    }
    sweeps::write_optimization_results(folder_, *best_);
    const auto table = reporting::ablation_table(reporting::list_runs({folder_}), {});
    fmt::print("{}\nBest, {} {:.6f}:", reporting::terminal_text(table, ::isatty(STDOUT_FILENO) != 0), options_.metric,
               best_->value);
    for (const auto& text : best_->overrides) fmt::print(" {}", text);
    fmt::print("\nSearch folder: {}\n", shown_path(folder_));
    return num_failed_ > 0 ? 1 : 0;
  }

  const config::ComposeRequest& request_;
  const sweeps::SweeperOptions& options_;
  config::SearchSpace space_;
  fs::path folder_;
  std::optional<sweeps::BestTrial> best_;
  std::size_t num_failed_ = 0;
};

}  // namespace

int tpe_search(const config::ComposeRequest& request, const sweeps::SweeperOptions& options) {
  return Search(request, options).run();
}

}  // namespace normadd::tools
