// SPDX-License-Identifier: Apache-2.0
// Finished runs below some folders: single runs, all runs of a sweep, or everything that was ever run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "config/value.h"

namespace normadd::reporting {

/// What a run's folder says about its configuration.
struct ListedRun {
  std::filesystem::path folder;
  std::string id;          // hash of its resolved configuration
  config::Value composed;  // with interpolations
  config::Value resolved;
  std::vector<std::pair<std::string, std::string>> choices;  // config group -> option
};

struct RunListing {
  std::vector<ListedRun> runs;
  std::size_t num_unfinished = 0;  // folders of runs that are not done
  std::size_t num_repeated = 0;    // runs whose configuration another, newer one has too
};

/// Runs in the order of the folders given and, below one, of their names, numbers counting as numbers. Of runs with the
/// same id the newest stands in the place of the first; with keep_repeated all are listed, and only a folder that is
/// named twice counts once. Throws DataError when a folder does not exist, when none of
/// them holds a finished run, or when a run's files are damaged (naming the file).
RunListing list_runs(const std::vector<std::filesystem::path>& folders, bool keep_repeated = false);

/// Whether it is itself a run's or a sweep's folder, whose files are results.
bool holds_results(const std::filesystem::path& folder);

}  // namespace normadd::reporting
