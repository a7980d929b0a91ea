// SPDX-License-Identifier: Apache-2.0
// Published numbers: results/published/*.csv, one number per row, and results/published/sources.yaml, which says of
// each source under which conditions its numbers were measured. docs/file_formats.md has the format.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/value.h"

namespace normadd::reporting {

inline constexpr const char* kMeanCategory = "mean";  // of all categories; for pairs, of all pairs

struct PublishedNumber {
  enum class Verified { kYes, kNo, kDerived };

  std::string profile, method, dataset;
  std::string category;  // or kMeanCategory
  std::string added;     // empty: original labels; "*": over pairs, with kMeanCategory; else the added type
  std::string metric;    // as in metrics.csv
  /// Shares 0-1, of changes -1 to 1; unset where only the setting is published. Both or none.
  std::optional<double> value, tolerance;
  Verified verified = Verified::kNo;  // whether it was seen at the primary source
  std::string note;

  bool is_mean() const { return category == kMeanCategory; }
};

struct PublishedSource {
  std::string name, title, origin;
  std::string tolerance_reason;
  /// Experiment -> label of the detector in it; "*" = every detector.
  std::vector<std::pair<std::string, std::string>> compared;
  /// What must be the same: keys of the detector's settings in manifest.json, keys of config.resolved.yaml.
  config::MapEntries settings, configuration;
  /// Metric, or "all" -> why the number cannot be compared whatever is run.
  std::map<std::string, std::string> never_comparable;
  /// What cannot be told from a run's folder.
  std::vector<std::string> unchecked;
  std::vector<PublishedNumber> numbers;  // in the order of the file

  /// The detector whose numbers the experiment compares; empty when it compares none.
  std::string label_in(const std::string& experiment) const;
};

/// In the order of sources.yaml. Throws DataError naming file and line for unknown or missing columns and keys, values
/// out of range, rows of an unknown source, rows given twice, and sources without rows.
std::vector<PublishedSource> read_published(const std::filesystem::path& folder);

}  // namespace normadd::reporting
