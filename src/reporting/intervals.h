// SPDX-License-Identifier: Apache-2.0
// How sure the gains of a run are: bootstrap intervals from its scores.csv, per pair and for the mean over the pairs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reporting/run_metrics.h"
#include "reporting/run_scores.h"

namespace normadd::reporting {

struct IntervalOptions {
  std::size_t num_replicates = 1000;
  double level = 0.95;
  /// Of the draws; the run's own seed has no part in them, so that runs of several seeds draw the same images.
  std::uint64_t seed = 0;
};

/// Of one pair.
struct PairInterval {
  std::string category, added;
  GainInterval gain;
};

/// All pairs of one (detector, prompts, fusion).
struct CellIntervals {
  std::string detector, prompts, fusion;
  std::vector<PairInterval> pairs;
  GainInterval pair_mean;      // every pair counts the same
  GainInterval category_mean;  // every category counts the same
};

/// Paired, stratified percentile bootstrap over test images (metrics/bootstrap.h): in one replicate, the images of a
/// category are drawn once, within each of its types, and serve all detectors, cells and pairs. Not adjusted for the
/// number of pairs. The draws of a category depend on its name and images alone, so that runs draw alike, whatever else
/// they hold.
std::vector<CellIntervals> gain_intervals(const RunScores& scores, const IntervalOptions& options = {});

/// Gives the pairs and cells of run their intervals; those without a counterpart keep none.
void add_intervals(RunMetrics& run, const std::vector<CellIntervals>& intervals);

}  // namespace normadd::reporting
