// SPDX-License-Identifier: Apache-2.0
// What figures are made of: the runs of a listing, read once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reporting/changed_keys.h"
#include "reporting/run_listing.h"
#include "reporting/run_metrics.h"
#include "reporting/run_scores.h"

namespace normadd::reporting {

/// More lines than that nobody tells apart.
inline constexpr std::size_t kMostSubjects = 8;
/// Of more runs, the means over their pairs have no bootstrap intervals: every scores.csv would have to be read.
inline constexpr std::size_t kMostRunsWithIntervals = 32;

/// One detector of one run.
struct FigureSubject {
  const ListedRun* run = nullptr;
  std::size_t run_index = 0;
  std::string detector;
  std::string label;  // tells it from the others
  std::vector<CategoryNumbers> originals;
  std::optional<CellNumbers> cell;     // the first that is no control, with intervals; its scores:
  const CellScores* scores = nullptr;  // null when scores.csv has none
  const RunScores* run_scores = nullptr;
};

/// One cell of one run, controls included.
struct FigureCell {
  std::vector<std::string> settings;  // values of the source's keys
  const ListedRun* run = nullptr;
  std::string seed;
  CellNumbers numbers;
};

struct FigureSource {
  explicit FigureSource(const RunListing& listing);
  FigureSource(const FigureSource&) = delete;
  FigureSource& operator=(const FigureSource&) = delete;

  const RunListing& listing;
  /// Those whose numbers on the original labels differ, at most kMostSubjects; runs with the same detector show it
  /// once.
  std::vector<FigureSubject> originals;
  std::size_t num_originals = 0;  // with those beyond
  /// Of every run and detector; empty when there are more than kMostSubjects.
  std::vector<FigureSubject> leading;
  std::size_t num_leading = 0;
  /// What differs between cells: changed configuration keys, then detector, prompts, fusion where they tell more.
  std::vector<std::string> keys;
  std::vector<FigureCell> cells;

 private:
  void read(const ListedRun& run, std::size_t index);
  void read_scores();
  void intervals_of(const ListedRun& run, const RunScores& scores);
  void name_subjects(std::vector<FigureSubject>& subjects) const;

  std::vector<ChangedKey> changed_;
  std::vector<std::unique_ptr<RunScores>> scores_;
};

/// "The first 8 of 12." when some were left out, else nothing.
std::string note_of_omission(std::size_t shown, std::size_t all);

}  // namespace normadd::reporting
