// SPDX-License-Identifier: Apache-2.0
#include "experiment/runner.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "experiment/job_batch.h"

namespace normadd::experiment {

namespace {

/// This process's share of the machine, as whoever started it says.
int default_threads() {
  if (const char* text = std::getenv("OMP_NUM_THREADS")) {
    const int threads = std::atoi(text);
    if (threads > 0) return threads;
  }
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

void set_threads(int threads) {
  const int wanted = threads == 0 ? default_threads() : threads;
  // Setting it makes LibTorch start its threads anew.
  if (wanted != at::get_num_threads()) at::set_num_threads(wanted);
}

RunResult run_job(const Job& job, const Installation& installation, bool styled) {
  Session session(installation, job.cache);
  const JobTarget target{&job, {}};
  auto outcome = std::move(run_jobs({&target, 1}, session, styled).front());
  if (outcome.error) std::rethrow_exception(outcome.error);
  return {std::move(outcome.folder), std::move(outcome.text)};
}

}  // namespace normadd::experiment
