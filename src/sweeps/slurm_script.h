// SPDX-License-Identifier: Apache-2.0
// The scripts that are handed to sbatch. After that they need nothing of the machine they were sent from but the shared
// file system, and nothing that is configured later changes them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "sweeps/program_place.h"
#include "sweeps/slurm_options.h"

namespace normadd::sweeps {

/// Exit code of "normadd task" that asks for another start: the time is up, and what is finished is kept.
inline constexpr int kRequeueExitCode = 75;

/// What the scripts of one submission share. All paths are absolute.
struct SlurmSubmissionPlace {
  std::filesystem::path sweep;
  std::filesystem::path tasks;  // line k: the job numbers of task k
  std::filesystem::path logs;   // folder
  std::string mark;             // added to the comment, so that the jobs can be found in the queue
};

/// A part of the tasks, as long as the cluster's largest array.
struct SlurmChunk {
  std::size_t first = 0;  // its first task
  std::size_t size = 0;
};

std::vector<SlurmChunk> slurm_chunks(std::size_t tasks, std::size_t max_array_size);

/// Options "--key=value" sorted by key, log files %A_%a_log.out and _log.err, the number of tasks at once limited by
/// array_parallelism. Throws ConfigError for texts that no script can hold.
std::string array_script(const SlurmOptions& options, const ProgramPlace& program, const SlurmSubmissionPlace& place,
                         const SlurmChunk& chunk);

/// The script of the job that writes the sweep's tables after all arrays, however they ended.
std::string collect_script(const SlurmOptions& options, const ProgramPlace& program, const SlurmSubmissionPlace& place,
                           const std::vector<std::string>& array_ids);

/// Whether sbatch must not inherit a variable: SBATCH_* that would override what the script says, and those of a job in
/// which we may be running ourselves.
bool hidden_from_sbatch(const std::string& variable, const SlurmOptions& options);

}  // namespace normadd::sweeps
