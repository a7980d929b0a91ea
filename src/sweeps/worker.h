// SPDX-License-Identifier: Apache-2.0
// What every process of a sweep does, whoever started it: takes jobs, those that read the same images together, runs
// them and records how they ended. Any number of workers may be at one sweep; each may die at any time.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "experiment/installation.h"
#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

struct WorkerOptions {
  std::vector<std::size_t> jobs;  // empty: all
  bool waits = true;              // for jobs that others hold, until all have ended
  std::size_t share = 1;          // so many workers divide the jobs among themselves: none takes all at once
  /// Called before jobs go back since the time is up; false: this is the last time, they fail.
  std::function<bool(const JobClaim&)> may_requeue;
};

struct WorkerResult {
  std::size_t done = 0, failed = 0, open = 0;  // of the jobs asked for, at the end
  bool time_is_up = false;
  int exit_code() const;  // 0 all done, 1 otherwise, kRequeueExitCode when the time is up
};

/// The current folder must be the sweep's record().directory. Throws Interrupted after SIGINT or SIGTERM, its jobs
/// given back, and OutputError when the ledger cannot be written.
WorkerResult run_worker(const SweepFolder& sweep, const WorkerOptions& options,
                        const experiment::Installation& installation);

/// The numbers in "3,4,9-12", in that order. Throws ConfigError for anything else, or a number beyond the jobs.
std::vector<std::size_t> parse_job_list(const std::string& text, std::size_t num_jobs);

}  // namespace normadd::sweeps
