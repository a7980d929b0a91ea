// SPDX-License-Identifier: Apache-2.0
// What other programs are told about a finished run, read from its folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "config/value.h"
#include "reporting/run_listing.h"

namespace normadd::exports {

/// One final number. parts: what tells it apart within the run, e.g. {"bottle", "image_auroc_original"},
/// {"bottle", "print", "image_auroc_gain"}, {"mean", "image_auroc_gain"}. Detector, prompt set and fusion come first
/// where the run has several of them, so that a sweep over one of them gives equal names in all its runs; a control
/// always has its fusion.
struct Metric {
  std::vector<std::string> parts;
  double value = 0;      // share 0-1, differences -1..1
  bool is_mean = false;  // over all categories, or all pairs
};

struct PanelFile {
  std::string category, added;
  std::filesystem::path path;  // a PNG
};

struct RunFacts {
  std::filesystem::path folder;
  /// Names this very execution: a copy of the folder has the same, a repetition of the run another.
  std::string uid;
  std::string name;          // "patchcore demo f1750673"
  std::int64_t start_s = 0;  // since 1970, UTC
  double seconds = 0;
  std::string git_commit, program_version, data_hash;
  config::Value resolved;
  std::vector<std::pair<std::string, config::Value>> parameters;  // leaves of resolved by dotted name, lists whole
  std::vector<Metric> metrics;                                    // finite ones
  std::size_t num_undefined = 0;                                  // values that the metric has not, e.g. of one class
  std::vector<PanelFile> panels;

  double end_s() const { return static_cast<double>(start_s) + seconds; }
};

/// controls: also the numbers of control suppressions. Throws DataError naming a file that is missing or damaged.
RunFacts read_run_facts(const reporting::ListedRun& run, bool controls);

/// A parameter as a short text: numbers with shortest digits, lists as in YAML, null as "null".
std::string parameter_text(const config::Value& value);

/// "2026-11-25T18:13:56+0000" as seconds since 1970. Throws DataError naming where.
std::int64_t seconds_of_time(const std::string& text, const std::string& where);

/// Runs that belong together: the jobs of a sweep, or one single run.
struct RunSet {
  std::filesystem::path sweep;  // its folder; empty for a single run
  std::vector<reporting::ListedRun> runs;
};

/// In the order of the listing.
std::vector<RunSet> run_sets(const reporting::RunListing& listing);

}  // namespace normadd::exports
