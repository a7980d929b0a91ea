// SPDX-License-Identifier: Apache-2.0
// A run's numbers beside published ones: the difference, whether it is within the stated tolerance, and where the two
// cannot be compared, why.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reporting/published.h"
#include "reporting/run_conditions.h"
#include "reporting/table.h"

namespace normadd::reporting {

enum class Verdict { kWithin, kOutside, kNotComparable, kNotMeasured, kNothingPublished };

/// "within", "outside", "not comparable", "not measured", "nothing published".
const char* verdict_text(Verdict verdict);

struct ComparedNumber {
  std::string category, added, metric;  // as in PublishedNumber
  /// Unset where the run has no such number, or it is undefined.
  std::optional<double> ours;
  /// Unset where only the setting is published. Of a mean over some of the published categories: the mean of their
  /// published values, and the published mean's tolerance times sqrt(published / shared).
  std::optional<double> published, tolerance;
  PublishedNumber::Verified verified = PublishedNumber::Verified::kNo;
  std::size_t num_averaged = 0;  // of a mean: categories or pairs
  Verdict verdict = Verdict::kNotMeasured;
  std::vector<std::size_t> reasons;  // indices into ComparedSource::reasons

  bool is_mean_row() const { return category == kMeanCategory; }
  std::optional<double> difference() const;
};

/// One detector of the run beside one source.
struct ComparedSource {
  PublishedSource source;
  std::string detector;
  std::vector<ComparedNumber> numbers;  // of the run's categories, in the order of the source
  std::vector<std::string> reasons;     // why numbers cannot be compared
  std::vector<std::string> notes;       // what else a reader must know
};

struct Reproduction {
  std::string experiment;
  std::string provenance;  // of the run
  /// Detectors before and after, where pairs are compared; without columns otherwise.
  Table detectors;
  std::vector<ComparedSource> sources;

  std::size_t count(Verdict verdict) const;
  std::size_t num_comparable() const { return count(Verdict::kWithin) + count(Verdict::kOutside); }
  /// Nothing is outside its tolerance, and something is comparable unless nothing was published at all.
  bool holds() const;
  /// One line with the counts.
  std::string summary() const;
};

/// Compares the run with all sources that the experiment names. Throws DataError when none does, when the run lacks
/// their detectors, and what reading the run's files throws.
Reproduction compare_with_published(const std::filesystem::path& run_folder, const std::string& experiment,
                                    const std::vector<PublishedSource>& sources, const OfficialFacts& facts);

/// One for each source.
std::vector<Table> reproduction_tables(const Reproduction& reproduction);

/// Writes run_folder/tables/reproduction.{md,tex,csv}, with the table of detectors before and after where pairs are
/// compared; the text for the terminal. Throws OutputError.
std::string write_reproduction(const Reproduction& reproduction, const std::filesystem::path& run_folder,
                               bool styled = false);

}  // namespace normadd::reporting
