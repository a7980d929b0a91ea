// SPDX-License-Identifier: Apache-2.0
// Small jobs that run together or alone, and what they leave behind.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "experiment/job_batch.h"
#include "experiment/small_run.h"

namespace normadd::experiment {

using Overrides = std::vector<std::string>;

/// Jobs on one small dataset, with what each changes.
class SmallBatch {
 public:
  SmallBatch(const test::TemporaryDirectory& directory, const std::vector<Overrides>& changes) {
    for (const auto& change : changes) jobs_.push_back(job_of(small_run(directory, "unused", change)));
  }

  /// Overrides that say everything.
  explicit SmallBatch(const std::vector<Overrides>& jobs) {
    for (const auto& overrides : jobs) jobs_.push_back(job_of(overrides));
  }

  const Job& job(std::size_t i) const { return jobs_[i]; }

  /// Into folder/0, folder/1, …
  std::vector<JobOutcome> run(Session& session, const std::filesystem::path& folder) const {
    std::vector<JobTarget> targets;
    for (std::size_t i = 0; i < jobs_.size(); ++i) targets.push_back({&jobs_[i], folder / std::to_string(i)});
    return run_jobs(targets, session);
  }
  /// Each in a session of its own.
  void run_alone(const CacheOptions& cache, const std::filesystem::path& folder) const {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      Session session(test_installation(), cache);
      const JobTarget target{&jobs_[i], folder / std::to_string(i)};
      const auto outcome = run_jobs({&target, 1}, session).front();
      if (outcome.error) std::rethrow_exception(outcome.error);
    }
  }

 private:
  std::deque<Job> jobs_;
};

inline CacheOptions cache_in(const std::filesystem::path& folder) {
  CacheOptions options;
  options.dir = folder.string();
  return options;
}

/// The bytes of a run's results by name.
inline std::map<std::string, std::string> results_of(const std::filesystem::path& run) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run)) {
    const std::string name = entry.path().lexically_relative(run).generic_string();
    const bool is_result =
        name == "metrics.csv" || name == "scores.csv" || name.starts_with("tables/") || name.starts_with("curves/");
    if (is_result && entry.is_regular_file()) files[name] = core::read_file(entry.path());
  }
  return files;
}

/// Names in the folder that are not results of finished work.
inline std::vector<std::string> leftovers_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().filename().string().find(".tmp") != std::string::npos) names.push_back(entry.path().string());
  }
  return names;
}

}  // namespace normadd::experiment
