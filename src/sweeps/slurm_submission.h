// SPDX-License-Identifier: Apache-2.0
// What was handed to Slurm, as files in the sweep: launcher/slurm/N for the N-th submission, with its scripts, the list
// of tasks and submission.json. The record is written before sbatch is asked and after each answer, and every job has a
// mark in its comment: jobs of a submission that was killed in between are found in the queue by it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sweeps/slurm_client.h"

namespace normadd::sweeps {

struct SlurmSubmission {
  std::filesystem::path folder;  // absolute
  std::string mark;              // "normadd:SWEEP/N:random"
  std::size_t tasks = 0;
  std::vector<std::string> arrays;     // job ids
  std::optional<std::string> collect;  // job id
  bool complete = false;               // all of it was submitted

  std::vector<std::string> job_ids() const;
  /// Adds jobs of the queue that bear our mark but are not recorded.
  void adopt(const std::vector<SlurmQueueEntry>& queue);
  void save() const;
};

/// A new, empty one in a folder that no other process has. parent: the sweep's launcher/slurm.
SlurmSubmission new_slurm_submission(const std::filesystem::path& parent, const std::string& sweep_name);

/// All of a sweep, oldest first. Throws DataError for a damaged record.
std::vector<SlurmSubmission> slurm_submissions(const std::filesystem::path& parent);

}  // namespace normadd::sweeps
