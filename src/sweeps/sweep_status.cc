// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_status.h"

#include <fmt/format.h>

namespace normadd::sweeps {

JobCounts count_jobs(const SweepFolder& sweep) {
  JobCounts counts;
  counts.total = sweep.jobs().size();
  for (const auto& status : sweep.ledger().states(counts.total)) {
    switch (status.state) {
      case JobState::kPending:
        ++counts.pending;
        break;
      case JobState::kRunning:
        ++counts.running;
        break;
      case JobState::kDone:
        ++counts.done;
        break;
      case JobState::kFailed:
        ++counts.failed;
        break;
    }
  }
  return counts;
}

std::string counts_text(const JobCounts& counts) {
  std::string text = fmt::format("{} of {} done", counts.done, counts.total);
  if (counts.failed > 0) text += fmt::format(", {} failed", counts.failed);
  if (counts.running > 0) text += fmt::format(", {} running", counts.running);
  if (counts.pending > 0) text += fmt::format(", {} pending", counts.pending);
  return text;
}

std::vector<std::size_t> jobs_in_state(const SweepFolder& sweep, JobState state) {
  const auto states = sweep.ledger().states(sweep.jobs().size());
  std::vector<std::size_t> jobs;
  for (std::size_t number = 0; number < states.size(); ++number) {
    if (states[number].state == state) jobs.push_back(number);
  }
  return jobs;
}

}  // namespace normadd::sweeps
