// SPDX-License-Identifier: Apache-2.0
#include "reporting/intervals.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "core/random.h"
#include "metrics/bootstrap.h"
#include "metrics/roc.h"

namespace normadd::reporting {
namespace {

/// AUROC of some scores: as it is, and in every replicate.
struct Aurocs {
  double value = 0;
  std::vector<double> replicates;
};

/// Bootstraps pair after pair.
class Bootstrap {
 public:
  Bootstrap(const RunScores& scores, const IntervalOptions& options) : options_(options) {
    for (const auto& [category, images] : scores.categories) {
      draws_.emplace(category, metrics::ResampledImages(images.strata, options.num_replicates,
                                                        core::RandomStream(options.seed, "bootstrap/" + category)));
    }
  }

  CellIntervals run(const CellScores& cell) {
    CellIntervals result{cell.detector, cell.prompts, cell.fusion, {}, {}, {}};
    std::map<std::string, std::vector<Aurocs>> gains;
    for (const auto& pair : cell.pairs) {
      Aurocs gain = gain_of(pair);
      result.pairs.push_back({pair.category, pair.added, interval(gain)});
      // An undefined gain is left out of the means, as in all tables.
      if (!std::isnan(gain.value)) gains[pair.category].push_back(std::move(gain));
    }
    std::vector<Aurocs> all, by_category;
    for (auto& [category, some] : gains) {
      by_category.push_back(mean(some));
      std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    result.pair_mean = interval(mean(all));
    result.category_mean = interval(mean(by_category));
    return result;
  }

 private:
  Aurocs gain_of(const PairScores& pair) {
    const auto measured = [&](const std::vector<double>& scores) {
      return Aurocs{metrics::image_auroc(scores, pair.is_anomalous),
                    metrics::resampled_aurocs(draws_.at(pair.category), scores, pair.is_anomalous)};
    };
    // The scores before are the same in every cell of a detector.
    auto& before = before_[{pair.category, pair.added}];
    if (before.first != pair.before) before = {pair.before, measured(pair.before)};
    Aurocs gain = measured(pair.after);
    gain.value -= before.second.value;
    for (std::size_t r = 0; r < gain.replicates.size(); ++r) gain.replicates[r] -= before.second.replicates[r];
    return gain;
  }

  Aurocs mean(const std::vector<Aurocs>& some) const {
    Aurocs mean{std::nan(""), {}};
    if (some.empty()) return mean;
    mean = some.front();
    for (std::size_t i = 1; i < some.size(); ++i) {
      mean.value += some[i].value;
      for (std::size_t r = 0; r < mean.replicates.size(); ++r) mean.replicates[r] += some[i].replicates[r];
    }
    const auto count = static_cast<double>(some.size());
    mean.value /= count;
    for (double& value : mean.replicates) value /= count;
    return mean;
  }

  GainInterval interval(const Aurocs& gain) const {
    const auto [low, high] = metrics::percentile_interval(gain.replicates, options_.level);
    return {gain.value, low, high};
  }

  const IntervalOptions& options_;
  std::map<std::string, metrics::ResampledImages> draws_;
  std::map<std::pair<std::string, std::string>, std::pair<std::vector<double>, Aurocs>> before_;
};

}  // namespace

std::vector<CellIntervals> gain_intervals(const RunScores& scores, const IntervalOptions& options) {
  Bootstrap bootstrap(scores, options);
  std::vector<CellIntervals> cells;
  for (const auto& cell : scores.cells) cells.push_back(bootstrap.run(cell));
  return cells;
}

void add_intervals(RunMetrics& run, const std::vector<CellIntervals>& intervals) {
  for (auto& cell : run.cells) {
    const auto found = std::find_if(intervals.begin(), intervals.end(), [&](const CellIntervals& one) {
      return one.detector == cell.detector && one.prompts == cell.prompts && one.fusion == cell.fusion;
    });
    if (found == intervals.end()) continue;
    cell.pair_mean_interval = found->pair_mean;
    cell.category_mean_interval = found->category_mean;
    for (auto& pair : cell.pairs) {
      for (const auto& one : found->pairs) {
        if (one.category == pair.category && one.added == pair.added) pair.gain_interval = one.gain;
      }
    }
  }
}

}  // namespace normadd::reporting
