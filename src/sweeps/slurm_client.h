// SPDX-License-Identifier: Apache-2.0
// Slurm's own programs, with time limits: a controller that is down or busy must not hang or end what asks it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace normadd::sweeps {

inline constexpr const char* kNoTask = "N/A";

/// One line of the queue: a task of an array, or a job.
struct SlurmQueueEntry {
  std::string job;     // the array's id, or the job's
  std::string task;    // index in the array; kNoTask for other jobs
  std::string state;   // PENDING, RUNNING, COMPLETING, …
  std::string reason;  // why it waits
  std::string nodes;
  std::string comment;
};

/// An answer, or why there is none, in Slurm's words.
template <typename T>
struct SlurmAnswer {
  std::optional<T> value;
  std::string error;
};

/// Submits a script; the job's id. hidden: variables that sbatch does not inherit. Throws core::Error with sbatch's
/// words when it refuses, and ConfigError when there is no sbatch here.
std::string slurm_submit(const std::filesystem::path& script, const std::function<bool(const std::string&)>& hidden);

/// This user's part of the queue.
SlurmAnswer<std::vector<SlurmQueueEntry>> slurm_queue();

/// A line "Key = value" of "scontrol show config".
SlurmAnswer<std::string> slurm_setting(const std::string& key);

/// How many tasks of these jobs ended in which state ("TIMEOUT" → 2), from the accounting where there is one, otherwise
/// from what the controller still remembers; nothing when neither knows.
std::vector<std::pair<std::string, int>> slurm_end_states(const std::vector<std::string>& jobs);

/// The error's text, empty when all were cancelled or had ended before.
std::string slurm_cancel(const std::vector<std::string>& jobs);

}  // namespace normadd::sweeps
