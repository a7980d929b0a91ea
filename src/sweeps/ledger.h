// SPDX-License-Identifier: Apache-2.0
// The states of a sweep's jobs, as files whose names say everything that a summary needs: one listing of one directory
// tells the state of ten thousand jobs.
//   N.running     a lease (core/lease.h): its owner works on job N
//   N.done        finished; the run folder N is complete
//   N.failed      the last attempt failed, with its error; waits for "retry"
//   N.attempt.A   how attempt A ended: failed, lost (owner died), requeued
//   stopped       no more jobs are to be started (on_error=stop, max_failures, cancelled)
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/lease.h"

namespace normadd::sweeps {

enum class JobState { kPending, kRunning, kDone, kFailed };

struct JobStatus {
  JobState state = JobState::kPending;
  int attempts = 0;  // ended ones
};

/// A job that this process works on. Destroyed without done() or failed(): the attempt counts as lost.
class JobClaim {
 public:
  std::size_t number() const { return number_; }
  int attempt() const { return attempt_; }
  void done(double seconds);
  void failed(const std::string& error, double seconds);
  /// The job goes back to pending: time limit, preemption.
  void requeued(const std::string& reason);

 private:
  friend class Ledger;
  JobClaim(std::filesystem::path folder, std::size_t number, int attempt, core::Lease lease);
  std::filesystem::path folder_;
  std::size_t number_;
  int attempt_;
  core::Lease lease_;
};

class Ledger {
 public:
  explicit Ledger(std::filesystem::path folder, core::LeaseTimes times = {});
  /// One entry per job.
  std::vector<JobStatus> states(std::size_t jobs) const;
  /// Nothing when the job is done, failed, or held by a live owner.
  std::optional<JobClaim> claim(std::size_t number);

 private:
  std::filesystem::path folder_;
  core::LeaseTimes times_;
};

}  // namespace normadd::sweeps
