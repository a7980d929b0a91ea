// SPDX-License-Identifier: Apache-2.0
// The files of a sweep's folder as text.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/compose.h"
#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

/// One line of jobs.jsonl, with its end.
std::string job_line(const SweepJob& job);
/// Throws DataError naming the file and line.
std::vector<SweepJob> read_job_lines(const std::filesystem::path& file);

/// One line of frozen.jsonl, without its end. Nodes that resolving did not change are kept once.
std::string frozen_line(const config::ComposedConfig& composed, const config::Value& resolved);
/// Throws ConfigError naming where.
experiment::Job job_of_frozen_line(const std::string& line, const std::string& where);

std::string record_text(const SweepRecord& record);
/// Throws DataError.
SweepRecord read_record(const std::filesystem::path& file);

}  // namespace normadd::sweeps
