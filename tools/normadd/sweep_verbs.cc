// SPDX-License-Identifier: Apache-2.0
#include "normadd/sweep_verbs.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/interruption.h"
#include "core/log.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/multirun.h"
#include "normadd/sweep_place.h"
#include "sweeps/launcher.h"
#include "sweeps/sweep_status.h"
#include "sweeps/worker.h"

namespace normadd::tools {

cxxopts::Options sweep_verb_options(const std::string& verb, const std::string& help) {
  cxxopts::Options options("normadd " + verb, help);
  options.custom_help("[flags]");
  options.positional_help("[SWEEP]");
  // clang-format off
  options.add_options()
      ("h,help", "this text")
      ("sweep", "folder of the sweep (default: the newest below results/sweeps)", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"sweep"});
  return options;
}

int resume_command(const Arguments& arguments) {
  auto options =
      sweep_verb_options("resume", "Continues a sweep: jobs that are done stay as they are, failed ones too.");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto sweep = named_sweep(flags);
  core::log_info(fmt::format("{}: {}", shown_path(sweep.path()), sweeps::counts_text(sweeps::count_jobs(sweep))));
  return launch_sweep(sweep);
}

int retry_command(const Arguments& arguments) {
  auto options = sweep_verb_options("retry", "Runs the failed jobs of a sweep again, and what is still open.");
  options.add_options()("jobs", "these only, e.g. 3,4,9-12 (default: all that failed)", cxxopts::value<std::string>());
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto sweep = named_sweep(flags);
  auto jobs = sweeps::jobs_in_state(sweep, sweeps::JobState::kFailed);
  if (flags.count("jobs") > 0) {
    jobs = sweeps::parse_job_list(flags["jobs"].as<std::string>(), sweep.jobs().size());
  }
  auto ledger = sweep.ledger();
  std::size_t count = 0;
  for (const std::size_t number : jobs) count += ledger.retry(number) ? 1 : 0;
  core::log_info(count == 0 ? std::string("no job has failed")
                            : fmt::format("{} failed job{} will run again", count, count == 1 ? "" : "s"));
  return launch_sweep(sweep);
}

int collect_command(const Arguments& arguments) {
  auto options = sweep_verb_options(
      "collect", "Writes metrics.csv and scores.csv of all done jobs into the sweep's folder and prints the table.");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  return show_results(named_sweep(flags));
}

int cancel_command(const Arguments& arguments) {
  auto options =
      sweep_verb_options("cancel", "Stops a sweep: no job starts any more, running ones end at their next step.");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto sweep = named_sweep(flags);
  sweep.ledger().stop(sweeps::kCancelled);
  sweeps::make_launcher(sweep.record().launcher, program_place(sweep.record().directory))->cancel(sweep);
  fmt::print("Cancelled: {}. Continue with: normadd resume {}\n", sweeps::counts_text(sweeps::count_jobs(sweep)),
             shown_path(sweep.path()));
  return 0;
}

}  // namespace normadd::tools
