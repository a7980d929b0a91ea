// SPDX-License-Identifier: Apache-2.0
// Making a sweep: every job composed, checked and frozen before the first one runs; or finding the same sweep again.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/compose.h"
#include "config/sweep_expansion.h"
#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

struct SweepRequest {
  config::ComposeRequest compose;  // overrides as given for the sweep, for the record
  std::vector<config::SweptOverrides> jobs;
  std::filesystem::path home;  // the program's own tree, where shipped prompt sets are
  bool always_new = false;     // even when the same sweep is there
};

struct MadeSweep {
  SweepFolder folder;
  bool was_there = false;             // the same sweep, made before: it goes on
  std::vector<std::string> warnings;  // such as jobs that are named twice
};

/// Freezes all jobs into a private folder that then appears under its name, or finds the newest sweep below sweep.root
/// with the same jobs and gives it the request's launcher and options. Throws ConfigError naming the overrides of a job
/// that is wrong, and OutputError; then nothing is left behind.
MadeSweep make_sweep(const SweepRequest& request);

}  // namespace normadd::sweeps
