// SPDX-License-Identifier: Apache-2.0
// Sweeps of jobs of a second or less, in this process and by the program itself.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "config/sweep_expansion.h"
#include "core/process_identity.h"
#include "core/subprocess.h"
#include "experiment/small_run.h"
#include "sweeps/sweep_creation.h"
#include "sweeps/sweep_status.h"

namespace normadd::sweeps {

namespace fs = std::filesystem;

/// Overrides of small jobs with data, cache and sweeps below the directory.
inline std::vector<std::string> small_jobs(const test::TemporaryDirectory& directory,
                                           const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{"dataset.root=" + (directory / "data").string(),
                                     "dataset.categories=[carpet]",
                                     "dataset.train_good=3",
                                     "dataset.test_good=2",
                                     "dataset.test_per_type=1",
                                     "detector.coreset_ratio=0.02",
                                     "backbone.resize_px=96",
                                     "metrics.pixel=false",
                                     "threads=1",
                                     "cache.dir=" + (directory / "cache").string(),
                                     "sweep.root=" + (directory / "sweeps").string()};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

inline MadeSweep made_sweep(const std::vector<std::string>& overrides, bool always_new = false,
                            const fs::path& configs = fs::path(NORMADD_SOURCE_DIR) / "configs") {
  ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 1);
  SweepRequest request;
  request.compose.search_paths = {configs};
  request.compose.overrides = overrides;
  request.jobs = config::expand_sweep(request.compose);
  request.home = NORMADD_SOURCE_DIR;
  request.always_new = always_new;
  return make_sweep(request);
}

inline core::SubprocessResult run_program(const std::vector<std::string>& arguments) {
  core::SubprocessRequest request;
  request.command = {NORMADD_PROGRAM};
  request.command.insert(request.command.end(), arguments.begin(), arguments.end());
  request.limit = std::chrono::minutes(5);
  return core::run_subprocess(request);
}

inline core::SubprocessResult run_sweep(std::vector<std::string> overrides) {
  overrides.insert(overrides.begin(), {"run", "-m"});
  return run_program(overrides);
}

/// The folders of all sweeps below the directory, by name.
inline std::vector<fs::path> sweeps_in(const test::TemporaryDirectory& directory) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& day : fs::directory_iterator(directory / "sweeps", error)) {
    for (const auto& sweep : fs::directory_iterator(day.path())) found.push_back(sweep.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Private names that anybody left below the folder.
inline std::vector<std::string> temporary_files(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.') && name.ends_with(".tmp")) names.push_back(entry.path().string());
  }
  return names;
}

inline std::size_t num_done(const SweepFolder& sweep) { return count_jobs(sweep).done; }

}  // namespace normadd::sweeps
