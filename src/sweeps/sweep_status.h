// SPDX-License-Identifier: Apache-2.0
// How a sweep stands, from its files alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

struct JobCounts {
  std::size_t total = 0, pending = 0, running = 0, done = 0, failed = 0;
};

JobCounts count_jobs(const SweepFolder& sweep);

/// "117 of 120 done, 1 failed, 2 running"
std::string counts_text(const JobCounts& counts);

/// Numbers of the jobs in a state, ascending.
std::vector<std::size_t> jobs_in_state(const SweepFolder& sweep, JobState state);

}  // namespace normadd::sweeps
