// SPDX-License-Identifier: Apache-2.0
// The states of a sweep's jobs, as files whose names say everything that a summary needs: one listing of one directory
// tells the state of ten thousand jobs. Contents are one line of JSON each.
//   N.running     a lease (core/lease.h): its owner works on job N
//   N.done        finished; the run folder N is complete
//   N.failed      the last attempt failed, with its error; waits for "retry"
//   N.attempt.A   how attempt A ended: failed, lost (owner died), requeued; numbered from 1 without gaps
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
  int attempts = 0;  // ended ones that did not finish the job
};

/// How a job, or one attempt at it, ended.
struct JobEnd {
  std::string state;  // done, failed, lost, requeued
  std::string error;  // or why it was given back
  int attempt = 0;
  double seconds = 0;
  std::string host;
};

/// A job that this process works on. Destroyed without done(), failed() or requeued(): the attempt counts as lost.
/// All throw OutputError.
class JobClaim {
 public:
  JobClaim(JobClaim&&) noexcept = default;
  JobClaim& operator=(JobClaim&&) = delete;
  ~JobClaim();

  std::size_t number() const { return number_; }
  int attempt() const { return attempt_; }
  /// How many attempts before this one ended because their process died, counted back to one that ended otherwise.
  int lost_before() const { return lost_before_; }
  void done(double seconds);
  void failed(const std::string& error, double seconds);
  /// The job goes back to pending as if it had never been taken.
  void put_back();
  bool is_open() const { return is_open_; }
  /// The job goes back to pending: time limit, preemption.
  void requeued(const std::string& reason);

 private:
  friend class Ledger;
  JobClaim(std::filesystem::path folder, std::size_t number, int attempt, core::Lease lease);
  void end_attempt(const JobEnd& end);
  std::filesystem::path folder_;
  std::size_t number_;
  int attempt_;
  int lost_before_ = 0;
  core::Lease lease_;
  bool is_open_ = true;
};

/// The reason of Ledger::stop that also stops jobs which are running.
inline constexpr const char* kCancelled = "cancelled";

class Ledger {
 public:
  /// folder: SWEEP/ledger; run folders stand beside it. max_attempts: after so many lost attempts in a row a job fails.
  explicit Ledger(std::filesystem::path folder, int max_attempts = 3, core::LeaseTimes times = {});
  /// One entry per job, from the names of files alone: an owner that died counts as running until its job is claimed.
  std::vector<JobStatus> states(std::size_t jobs) const;
  /// Nothing when the job is done, failed, or held by a live owner. A dead owner's attempt is recorded as lost. A
  /// complete run folder N whose owner died before it could say so makes the job done here.
  std::optional<JobClaim> claim(std::size_t number);

  /// Nothing while the job is neither done nor failed. Throws DataError for a damaged file.
  std::optional<JobEnd> end_of(std::size_t number) const;
  std::vector<JobEnd> attempts_of(std::size_t number) const;
  /// Of a job that is running; nothing otherwise.
  std::optional<core::LeaseOwner> owner_of(std::size_t number) const;

  /// Makes a failed job pending again; false when it has not failed.
  bool retry(std::size_t number);
  /// No more jobs are to be started. An earlier reason stays.
  void stop(const std::string& reason);
  std::optional<std::string> stopped() const;
  void go_on();

 private:
  std::filesystem::path file(std::size_t number, const std::string& state) const;
  void record_lost(std::size_t number, int attempt);
  int lost_in_a_row(std::size_t number, int attempts) const;
  int ended_attempts(std::size_t number) const;
  std::filesystem::path folder_;
  int max_attempts_;
  core::LeaseTimes times_;
};

}  // namespace normadd::sweeps
