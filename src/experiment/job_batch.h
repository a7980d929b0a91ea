// SPDX-License-Identifier: Apache-2.0
// Several jobs that differ in prompts, fusion or detector, run in one pass over the images.
#pragma once

#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "experiment/job.h"
#include "experiment/session.h"

namespace normadd::experiment {

struct JobTarget {
  const Job* job = nullptr;
  /// The run's folder. It appears by a rename when the job is done: until then everything is in a private folder beside
  /// it. When it exists at the end, another copy of the job was faster and this one's result is thrown away.
  /// Empty: run.dir, or run.root/DATE/TIME_HASH, which are visible while the job runs.
  std::filesystem::path folder;
};

struct JobOutcome {
  std::filesystem::path folder;
  std::string text;          // the tables, for the terminal
  std::exception_ptr error;  // set when the job failed; the others of the batch go on
  bool was_cached = false;   // its results stood in the cache: nothing was computed
};

/// Jobs that read the same images with the same vision-language model have the same key: running them together costs
/// one pass.
std::string batch_key(const Job& job);

/// One outcome per target, in order. Throws Interrupted only; whatever is wrong with a job is in its outcome.
std::vector<JobOutcome> run_jobs(std::span<const JobTarget> targets, Session& session, bool styled = false);

}  // namespace normadd::experiment
