// SPDX-License-Identifier: Apache-2.0
#include "experiment/runner.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <thread>

#include "experiment/job_batch.h"

namespace normadd::experiment {

void set_threads(int threads) {
  const int all = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const int wanted = threads == 0 ? all : threads;
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
