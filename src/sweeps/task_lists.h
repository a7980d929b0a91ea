// SPDX-License-Identifier: Apache-2.0
// Which jobs each task of a launcher runs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace normadd::sweeps {

/// Job numbers as "normadd task --jobs" reads them, in the given order: runs of neighbours as "3-7", the others alone.
std::string job_list_text(std::span<const std::size_t> jobs);

/// One text per task, each with jobs_per_task jobs (the last may have fewer), in order: neighbours share stages.
std::vector<std::string> task_lists(std::span<const std::size_t> jobs, std::size_t jobs_per_task);

}  // namespace normadd::sweeps
