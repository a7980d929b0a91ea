// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_results.h"

#include <fmt/format.h>

#include <string>

#include "core/log.h"
#include "core/number_text.h"
#include "reporting/intervals.h"
#include "reporting/means.h"
#include "reporting/metric_columns.h"
#include "reporting/run_scores.h"

namespace normadd::reporting {

RunMetrics read_run_results(const std::filesystem::path& run_folder, bool with_intervals) {
  RunMetrics run = read_run_metrics(run_folder / "metrics.csv");
  const auto scores = run_folder / "scores.csv";
  if (!with_intervals || run.cells.empty()) return run;
  if (!std::filesystem::exists(scores)) {
    core::log_warning(fmt::format("{} is missing: its gains are shown without intervals", scores.string()));
  } else {
    add_intervals(run, gain_intervals(read_run_scores(scores)));
  }
  return run;
}

core::CsvTable interval_csv(const RunMetrics& run) {
  core::CsvTable table;
  table.columns = {"detector",  "prompts", "fusion",   "category",  "added",        "mean_over",
                   "num_pairs", "gain",    "gain_low", "gain_high", "excludes_zero"};
  for (const auto& cell : run.cells) {
    const auto add = [&](const std::string& category, const std::string& added, const std::string& mean_over,
                         std::size_t num_pairs, double gain, const GainInterval& interval) {
      if (!interval.is_defined()) return;
      table.rows.push_back({cell.detector, cell.prompts, cell.fusion, category, added, mean_over,
                            std::to_string(num_pairs), core::shortest_text(gain), core::shortest_text(interval.low),
                            core::shortest_text(interval.high), interval.excludes_zero() ? "1" : "0"});
    };
    for (const auto& pair : cell.pairs) {
      add(pair.category, pair.added, "", 1, pair.value(kGainMetric), pair.gain_interval);
    }
    add("", "", "pairs", cell.pairs.size(), pair_mean(cell.pairs, kGainMetric), cell.pair_mean_interval);
    add("", "", "categories", cell.pairs.size(), category_mean(cell.pairs, kGainMetric), cell.category_mean_interval);
  }
  return table;
}

}  // namespace normadd::reporting
