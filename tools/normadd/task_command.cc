// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "core/error.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/installation.h"
#include "normadd/sweep_place.h"
#include "sweeps/worker.h"

namespace normadd::tools {
namespace {

cxxopts::Options task_options() {
  cxxopts::Options options(
      "normadd task",
      "Runs jobs of a sweep and records how they ended; any number of these may work on one sweep. "
      "Launchers start it; exit code 75 after SIGUSR1 or SIGUSR2 asks for another start.");
  options.custom_help("[flags]");
  options.positional_help("[SWEEP]");
  // clang-format off
  options.add_options()
      ("jobs", "these jobs only, e.g. 3,4,9-12 (default: all)", cxxopts::value<std::string>())
      ("no-wait", "do not wait for jobs that other processes are running")
      ("share", "so many workers divide the jobs among themselves", cxxopts::value<int>()->default_value("1"))
      ("max-timeouts", "a job that was given back so often fails the next time (default: no limit)", cxxopts::value<int>())
      ("parent", "stop when this process, which started the task, ends", cxxopts::value<int>())
      ("h,help", "this text")
      ("sweep", "folder of the sweep (default: the newest below results/sweeps)", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"sweep"});
  return options;
}

/// The task has no reader any more when its launcher is gone; what it holds goes back to pending.
void stop_with_parent(int parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have ended before the call.
  if (::getppid() != parent) ::raise(SIGTERM);
}

int num_requeued(const sweeps::Ledger& ledger, std::size_t job) {
  int count = 0;
  for (const auto& attempt : ledger.attempts_of(job)) count += attempt.state == "requeued" ? 1 : 0;
  return count;
}

}  // namespace

int task_command(const Arguments& arguments) {
  auto options = task_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  if (flags.count("parent") > 0) stop_with_parent(flags["parent"].as<int>());
  const auto sweep = named_sweep(flags);
  sweeps::WorkerOptions worker;
  if (flags.count("jobs") > 0) {
    worker.jobs = sweeps::parse_job_list(flags["jobs"].as<std::string>(), sweep.jobs().size());
  }
  worker.waits = flags.count("no-wait") == 0;
  const int share = flags["share"].as<int>();
  if (share < 1) throw core::ConfigError("this must be at least 1", "--share", "Give the number of workers.");
  worker.share = static_cast<std::size_t>(share);
  if (flags.count("max-timeouts") > 0) {
    worker.may_requeue = [&sweep, most = flags["max-timeouts"].as<int>()](const sweeps::JobClaim& claim) {
      return num_requeued(sweep.ledger(), claim.number()) < most;
    };
  }
  const auto place = installation();
  enter_directory_of(sweep);
  const auto result = sweeps::run_worker(sweep, worker, place);
  fmt::print("{} of {} jobs done{}{}\n", result.done, result.done + result.failed + result.open,
             result.failed > 0 ? fmt::format(", {} failed", result.failed) : "",
             result.open > 0 ? fmt::format(", {} open", result.open) : "");
  return result.exit_code();
}

}  // namespace normadd::tools
