// SPDX-License-Identifier: Apache-2.0
#include "experiment/job_results.h"

#include <fmt/format.h>

#include "core/csv.h"
#include "experiment/pair_metrics.h"
#include "experiment/result_tables.h"
#include "reporting/run_tables.h"

namespace normadd::experiment {
namespace {

void add_pixel_metrics(const PixelNumbers& pixels, const Cell& cell, MetricsTable& metrics) {
  metrics.add(cell, "pixel_auroc_before", pixels.before, pixels.num_normal, pixels.num_anomalous);
  metrics.add(cell, "pixel_auroc_after", pixels.after, pixels.num_normal, pixels.num_anomalous);
  metrics.add(cell, "pixel_auroc_gain", pixels.after - pixels.before, pixels.num_normal, pixels.num_anomalous);
}

void add_category(const datasets::Category& category, const EvaluationPlan& plan, const DetectorOutcome& outcome,
                  MetricsTable& metrics, ScoresTable& scores) {
  metrics.append_original(outcome.original->metrics);
  for (std::size_t p = 0; p < plan.pairs.size(); ++p) {
    const PlannedPair& planned = plan.pairs[p];
    for (std::size_t c = 0; c < planned.cells.size(); ++c) {
      const Cell cell{category.name, planned.pair.added, planned.cells[c].prompts, planned.cells[c].fusion};
      const CellOutcome& result = outcome.cells[p][c];
      add_pair_metrics(category, planned.pair, cell, *outcome.before, *result.after, metrics, scores);
      if (result.pixels) add_pixel_metrics(*result.pixels, cell, metrics);
    }
  }
}

void append_rows(core::CsvTable& table, const core::CsvTable& more) {
  table.rows.insert(table.rows.end(), more.rows.begin(), more.rows.end());
}

/// folder/curves: a file for each kind of curve that any category has.
void write_curves(const Job& job, const datasets::Dataset& dataset, std::span<const CategoryOutcome> categories,
                  const std::filesystem::path& folder) {
  for (const auto& [name, y_column] : kCurveFiles) {
    core::CsvTable table;
    table.columns = {"detector", "category", "false_positive_rate", y_column};
    for (std::size_t d = 0; d < job.detectors.size(); ++d) {
      for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
        for (const auto& row : categories[c][d].original->curves.rows) {
          if (row[0] == name)
            table.rows.push_back({job.detectors[d].label, dataset.categories[c].name, row[1], row[2]});
        }
      }
    }
    if (!table.rows.empty()) core::write_csv(folder / "curves" / fmt::format("{}.csv", name), table);
  }
}

}  // namespace

void write_results(const PreparedJob& prepared, std::span<const CategoryOutcome> categories,
                   const std::filesystem::path& folder) {
  const Job& job = *prepared.job;
  const auto& dataset = prepared.dataset->dataset;
  core::CsvTable all_metrics, all_scores;
  for (std::size_t d = 0; d < job.detectors.size(); ++d) {
    const RunColumns columns{job.id, job.detectors[d].label, dataset.name, job.clip.name,
                             std::to_string(job.options.seed)};
    MetricsTable metrics(columns);
    ScoresTable scores(columns);
    for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
      add_category(dataset.categories[c], (*prepared.plans)[c], categories[c][d], metrics, scores);
    }
    if (d == 0) {
      all_metrics = metrics.table();
      all_scores = scores.table();
    } else {
      append_rows(all_metrics, metrics.table());
      append_rows(all_scores, scores.table());
    }
  }
  write_curves(job, dataset, categories, folder);
  core::write_csv(folder / "scores.csv", all_scores);
  core::write_csv(folder / "metrics.csv", all_metrics);
}

std::string write_run_tables(const std::filesystem::path& folder, bool styled) {
  return reporting::write_tables(folder, styled);
}

}  // namespace normadd::experiment
