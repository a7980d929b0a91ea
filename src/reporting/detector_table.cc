// SPDX-License-Identifier: Apache-2.0
#include "reporting/detector_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reporting/means.h"
#include "reporting/metric_columns.h"

namespace normadd::reporting {
namespace {

constexpr const char* kGain = "image_auroc_gain";

/// The cell that stands for its detector; null when it has none.
const CellNumbers* leading_cell(const RunMetrics& run, const std::string& detector) {
  const auto found = std::find_if(run.cells.begin(), run.cells.end(), [&](const CellNumbers& cell) {
    return cell.detector == detector && !cell.is_control();
  });
  return found == run.cells.end() ? nullptr : &*found;
}

std::vector<CategoryNumbers> all_originals(const RunMetrics& run) {
  std::vector<CategoryNumbers> all;
  for (const auto& detector : run.originals) {
    all.insert(all.end(), detector.categories.begin(), detector.categories.end());
  }
  return all;
}

std::vector<CategoryNumbers> all_pairs(const RunMetrics& run) {
  std::vector<CategoryNumbers> all;
  for (const auto& detector : run.originals) {
    const CellNumbers* cell = leading_cell(run, detector.detector);
    if (cell != nullptr) all.insert(all.end(), cell->pairs.begin(), cell->pairs.end());
  }
  return all;
}

}  // namespace

std::size_t num_detectors(const RunMetrics& run) { return run.originals.size(); }

Table detector_table(const RunMetrics& run) {
  Table table;
  table.title = "Detectors before and after normality addition";
  table.columns = {{"detector", "detector", false}};
  const auto original = leading_original_metrics(all_originals(run));
  for (const auto& metric : original) table.columns.push_back({metric.metric, metric.heading});
  std::vector<MetricColumn> changes;
  for (const auto& metric : shown(pair_metrics(), all_pairs(run))) {
    // Stands among the original metrics already, as the mean over categories.
    if (metric.metric == "image_auroc_original") continue;
    changes.push_back(metric);
    table.columns.push_back({metric.metric, metric.heading});
    if (metric.metric != kGain) continue;
    table.columns.push_back({"", "gain > 0"});
    table.columns.push_back({"num_pairs_with_gain", ""});
  }
  table.columns.push_back({"num_pairs", ""});

  std::string prompts, fusion;
  for (const auto& detector : run.originals) {
    const CellNumbers* cell = leading_cell(run, detector.detector);
    const std::vector<CategoryNumbers> pairs = cell == nullptr ? std::vector<CategoryNumbers>{} : cell->pairs;
    if (cell != nullptr) {
      prompts = cell->prompts;
      fusion = cell->fusion;
    }
    TableRow row{{word_cell(detector.detector)}};
    for (const auto& metric : original) {
      row.cells.push_back(metric_cell(metric, category_mean(detector.categories, metric.metric)));
    }
    for (const auto& metric : changes) {
      row.cells.push_back(metric_cell(metric, pair_mean(pairs, metric.metric)));
      if (metric.metric != kGain) continue;
      const auto gained = static_cast<std::size_t>(
          std::count_if(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.value(kGain) > 0; }));
      row.cells.push_back(word_cell(fmt::format("{}/{}", gained, pairs.size())));
      row.cells.push_back(count_cell(gained));
    }
    row.cells.push_back(count_cell(pairs.size()));
    table.rows.push_back(std::move(row));
  }
  table.notes = {
      "x 100. Image and pixel AUROC, native score and AUPRO: original labels, mean over categories.",
      fmt::format("before, after: image AUROC, score = map maximum, new labels, mean over pairs; prompts {}, "
                  "fusion {}.",
                  prompts.empty() ? "none" : prompts, fusion.empty() ? "none" : fusion),
      kSideEffectLegend};
  return table;
}

}  // namespace normadd::reporting
