// SPDX-License-Identifier: Apache-2.0
#include "reporting/detector_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reporting/means.h"
#include "reporting/metric_columns.h"
#include "reporting/ranking.h"

namespace normadd::reporting {
namespace {

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
  for (const auto& metric : original) add_metric_column(table, metric, true);
  std::vector<MetricColumn> changes;
  for (const auto& metric : shown(pair_metrics(), all_pairs(run))) {
    // Stands among the original metrics already, as the mean over categories.
    if (metric.metric == "image_auroc_original") continue;
    changes.push_back(metric);
    add_metric_column(table, metric, true);
    if (metric.metric != kGainMetric) continue;
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
      add_metric_cells(row, metric, category_mean(detector.categories, metric.metric));
    }
    for (const auto& metric : changes) {
      add_metric_cells(row, metric, pair_mean(pairs, metric.metric),
                       cell == nullptr ? GainInterval{} : cell->pair_mean_interval);
      if (metric.metric != kGainMetric) continue;
      const auto gained = static_cast<std::size_t>(
          std::count_if(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.value(kGainMetric) > 0; }));
      row.cells.push_back(word_cell(fmt::format("{}/{}", gained, pairs.size())));
      row.cells.push_back(count_cell(gained));
    }
    row.cells.push_back(count_cell(pairs.size()));
    table.rows.push_back(std::move(row));
  }
  mark_best(table);
  table.notes = {
      "x 100. Image and pixel AUROC, native score and AUPRO: original labels, mean over categories.",
      fmt::format("before, after: image AUROC, score = map maximum, new labels, mean over pairs; prompts {}, "
                  "fusion {}.",
                  prompts.empty() ? "none" : prompts, fusion.empty() ? "none" : fusion),
      kSideEffectLegend};
  add_interval_legend(table);
  return table;
}

}  // namespace normadd::reporting
