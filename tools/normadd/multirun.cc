// SPDX-License-Identifier: Apache-2.0
#include "normadd/multirun.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "config/sweep_expansion.h"
#include "core/interruption.h"
#include "core/log.h"
#include "core/process_identity.h"
#include "normadd/home.h"
#include "normadd/sweep_place.h"
#include "normadd/tpe_search.h"
#include "reporting/table.h"
#include "sweeps/collection.h"
#include "sweeps/launcher.h"
#include "sweeps/search.h"
#include "sweeps/sweep_creation.h"
#include "sweeps/sweep_status.h"
#include "sweeps/sweeper_options.h"

namespace normadd::tools {
namespace {

constexpr std::size_t kMostLines = 20;  // of jobs, where there may be thousands

std::string launcher_name(const sweeps::SweepFolder& sweep) {
  return sweep.record().launcher.find("name")->as_string();
}

void announce(const sweeps::SweepFolder& sweep, const std::vector<std::size_t>& jobs) {
  const std::string where =
      launcher_name(sweep) == "local" ? "locally" : fmt::format("by launcher={}", launcher_name(sweep));
  std::string text = fmt::format("Launching {} job{} {}\n", jobs.size(), jobs.size() == 1 ? "" : "s", where);
  for (std::size_t i = 0; i < std::min(jobs.size(), kMostLines); ++i) {
    text += fmt::format("\t#{} : {}\n", jobs[i], sweeps::overrides_text(sweep.jobs()[jobs[i]]));
  }
  if (jobs.size() > kMostLines) text += fmt::format("\t... and {} more\n", jobs.size() - kMostLines);
  text.pop_back();
  core::log_info(text);
}

std::string failures_text(const sweeps::SweepFolder& sweep, const std::vector<std::size_t>& failed) {
  std::string text = fmt::format("{} job{} failed:\n", failed.size(), failed.size() == 1 ? "" : "s");
  const auto ledger = sweep.ledger();
  for (std::size_t i = 0; i < std::min(failed.size(), kMostLines); ++i) {
    const auto end = ledger.end_of(failed[i]);
    text += fmt::format("  #{} {}: {}\n", failed[i], sweeps::overrides_text(sweep.jobs()[failed[i]]),
                        end ? end->error : "");
  }
  if (failed.size() > kMostLines) text += fmt::format("  ... and {} more\n", failed.size() - kMostLines);
  return text + fmt::format("Once the cause is gone: normadd retry {}\n", shown_path(sweep.path()));
}

}  // namespace

std::string shown_path(const std::filesystem::path& path) {
  const auto relative = path.lexically_relative(std::filesystem::current_path());
  return !relative.empty() && !relative.string().starts_with("..") ? relative.string() : path.string();
}

int show_results(const sweeps::SweepFolder& sweep) {
  const std::string folder = shown_path(sweep.path());
  if (const auto table = sweeps::final_table(sweep)) {
    fmt::print("{}\nSweep folder: {}\n", *table, folder);
    return 0;
  }
  const auto collection = sweeps::collect(sweep);
  if (!collection.table.rows.empty()) {
    fmt::print("{}\n", reporting::terminal_text(collection.table, ::isatty(STDOUT_FILENO) != 0));
  }
  const auto failed = sweeps::jobs_in_state(sweep, sweeps::JobState::kFailed);
  std::fflush(stdout);
  if (!failed.empty()) fmt::print(stderr, "{}", failures_text(sweep, failed));
  const auto counts = sweeps::count_jobs(sweep);
  if (counts.pending + counts.running > 0) {
    fmt::print(stderr, "Not done yet: {}. Continue with: normadd resume {}\n", sweeps::counts_text(counts), folder);
  }
  if (const auto reason = sweep.ledger().stopped()) fmt::print(stderr, "The sweep was stopped: {}.\n", *reason);
  fmt::print("Sweep folder: {}\n", folder);
  return collection.missing.empty() ? 0 : 1;
}

namespace {

/// What killed processes left half-written, also where no worker will start again.
void clear_leftovers(const sweeps::SweepFolder& sweep) {
  core::remove_leftovers(sweep.path());
  core::remove_leftovers(sweep.path() / "ledger");
  const auto cache = sweep.frozen_job(0).cache;
  if (!cache.enabled) return;
  const std::filesystem::path root = sweep.record().directory / cache.dir;
  for (const auto& folder : {root, root / "tmp", root / "leases"}) core::remove_leftovers(folder);
}

}  // namespace

bool launch_open_jobs(const sweeps::SweepFolder& sweep) {
  clear_leftovers(sweep);
  sweep.ledger().go_on();
  // Jobs whose processes were killed did nothing wrong.
  for (const std::size_t number : sweeps::jobs_in_state(sweep, sweeps::JobState::kFailed)) {
    const auto end = sweep.ledger().end_of(number);
    if (end && end->state == "abandoned") sweep.ledger().retry(number);
  }
  std::vector<std::size_t> open;
  const auto states = sweep.ledger().states(sweep.jobs().size());
  for (const std::size_t number : sweep.order()) {
    const auto state = states[number].state;
    if (state == sweeps::JobState::kPending || state == sweeps::JobState::kRunning) open.push_back(number);
  }
  if (open.empty()) return true;
  announce(sweep, open);
  const auto launcher = sweeps::make_launcher(sweep.record().launcher, program_place(sweep.record().directory));
  try {
    launcher->submit(sweep, open);
  } catch (const core::Interrupted&) {
    fmt::print(stderr, "Stopped: {}. Continue with: normadd resume {}\n",
               sweeps::counts_text(sweeps::count_jobs(sweep)), shown_path(sweep.path()));
    throw;
  }
  return launcher->waits();
}

int launch_sweep(const sweeps::SweepFolder& sweep) {
  if (launch_open_jobs(sweep)) return show_results(sweep);
  fmt::print("Sweep folder: {0}\nHow it gets on: normadd status {0}\nResults so far: normadd collect {0}\n",
             shown_path(sweep.path()));
  return 0;
}

namespace {

/// The section alone is resolved: what jobs still have to choose need not be there yet.
sweeps::SweeperOptions sweeper_of(const config::ComposeRequest& request) {
  const auto base = config::sweep_base(request).composed.config;
  config::Value alone{config::MapEntries{}};
  if (const auto* node = base.find("sweeper")) alone.set("sweeper", *node);
  return sweeps::sweeper_options(config::resolve(alone));
}

int show_search(const sweeps::SweepFolder& sweep, const sweeps::SweeperOptions& options, int exit_code) {
  std::optional<sweeps::BestTrial> best;
  for (const auto& job : sweep.jobs()) {
    const auto value = sweeps::trial_value(sweep, job.number, options);
    if (!value) continue;
    if (!best || (options.direction == "maximize" ? *value > best->value : *value < best->value)) {
      best = sweeps::BestTrial{job.overrides, *value};
    }
  }
  if (!best) return exit_code;
  sweeps::write_optimization_results(sweep.path(), *best);
  fmt::print("Best, {} {:.6f}:", options.metric, best->value);
  for (const auto& text : best->overrides) fmt::print(" {}", text);
  fmt::print("\n");
  return exit_code;
}

}  // namespace

std::vector<config::SweptOverrides> sweep_jobs(const config::ComposeRequest& request) {
  const auto sweeper = sweeper_of(request);
  if (sweeper.name == "grid") return config::expand_sweep(request);
  return sweeps::random_trials(sweeps::search_space_of(request), sweeper);
}

int multirun(const config::ComposeRequest& request, bool always_new) {
  const auto sweeper = sweeper_of(request);
  if (sweeper.name == "tpe") return tpe_search(request, sweeper);
  const auto made = sweeps::make_sweep({request, sweep_jobs(request), home(), always_new});
  for (const auto& warning : made.warnings) core::log_warning(warning);
  if (made.was_there) {
    const auto counts = sweeps::count_jobs(made.folder);
    core::log_info(fmt::format("this sweep was made before{}, {} (--new makes another): {}",
                               counts.pending + counts.running > 0 ? " and goes on" : "", sweeps::counts_text(counts),
                               shown_path(made.folder.path())));
  }
  const int exit_code = launch_sweep(made.folder);
  return sweeper.name == "random" ? show_search(made.folder, sweeper, exit_code) : exit_code;
}

}  // namespace normadd::tools
