// SPDX-License-Identifier: Apache-2.0
#include "reporting/table_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/error.h"
#include "core/nearest_name.h"
#include "reporting/category_views.h"
#include "reporting/changed_keys.h"
#include "reporting/methods.h"
#include "reporting/pair_table.h"
#include "reporting/run_results.h"
#include "reporting/type_table.h"

namespace normadd::reporting {
namespace {

constexpr const char* kDefaultMetric = "image_auroc_original";

std::vector<RunMetrics> all_metrics(const RunListing& listing, bool with_intervals) {
  std::vector<RunMetrics> metrics;
  for (const auto& run : listing.runs) metrics.push_back(read_run_results(run.folder, with_intervals));
  return metrics;
}

void check_detector(const std::vector<RunMetrics>& metrics, const std::string& detector) {
  std::set<std::string> names;
  for (const auto& run : metrics) {
    for (const auto& original : run.originals) names.insert(original.detector);
  }
  if (detector.empty() || names.contains(detector)) return;
  throw core::ConfigError(fmt::format("no run has the detector '{}'", detector), "--detector",
                          core::did_you_mean(detector, {names.begin(), names.end()}));
}

bool has_metric(const std::vector<Method>& methods, const std::string& metric) {
  for (const auto& method : methods) {
    for (const auto& seed : method.seeds) {
      if (std::any_of(seed.begin(), seed.end(), [&](const auto& one) { return one.values.contains(metric); })) {
        return true;
      }
    }
  }
  return false;
}

std::vector<std::string> metric_names(const std::vector<Method>& methods) {
  std::set<std::string> names;
  for (const auto& method : methods) {
    for (const auto& seed : method.seeds) {
      for (const auto& numbers : seed) {
        for (const auto& [metric, value] : numbers.values) names.insert(metric);
      }
    }
  }
  return {names.begin(), names.end()};
}

std::vector<Table> detectors_view(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                                  const ViewOptions& options) {
  const auto originals = original_methods(listing, metrics, options.rows.detector);
  const auto pairs = pair_methods(listing, metrics, options.rows.detector, options.rows.with_controls);
  auto chosen = options.rows.metrics;
  if (chosen.empty()) chosen = {kDefaultMetric};
  std::vector<Table> tables;
  for (const auto& metric : chosen) {
    const bool is_original = has_metric(originals, metric);
    if (!is_original && !has_metric(pairs, metric)) {
      auto known = metric_names(originals);
      for (auto& name : metric_names(pairs)) known.push_back(std::move(name));
      throw core::ConfigError(fmt::format("no run has the metric '{}'", metric), "--metric",
                              core::did_you_mean(metric, known));
    }
    tables.push_back(method_table(is_original ? originals : pairs, metric, options.mean_first));
  }
  return tables;
}

std::vector<Table> categories_view(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                                   const ViewOptions& options) {
  std::vector<Table> tables;
  for (const auto& method : original_methods(listing, metrics, options.rows.detector)) {
    tables.push_back(category_table(method));
  }
  return tables;
}

/// Tables of one run name it where there are several.
void name_run(Table& table, const ListedRun& run, const RunListing& listing) {
  const std::string id = run.id.substr(0, 8);
  table.keys.insert(table.keys.begin(), {"run", id});
  if (listing.runs.size() < 2) return;
  const std::string seed = seed_of(run);
  table.title += fmt::format(", run {}{}", id, seed.empty() ? "" : ", seed " + seed);
}

std::vector<Table> pairs_view(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                              const ViewOptions& options) {
  std::vector<Table> tables;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    for (const auto& cell : metrics[i].cells) {
      if (cell.is_control() && !options.rows.with_controls) continue;
      if (!options.rows.detector.empty() && cell.detector != options.rows.detector) continue;
      tables.push_back(pair_table(cell));
      name_run(tables.back(), listing.runs[i], listing);
    }
  }
  return tables;
}

std::vector<Table> types_view(const RunListing& listing, const std::vector<RunMetrics>& metrics,
                              const ViewOptions& options) {
  std::vector<Table> tables;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto scores = listing.runs[i].folder / "scores.csv";
    Table table = type_table(metrics[i], std::filesystem::exists(scores) ? read_run_scores(scores) : RunScores{},
                             options.rows.detector);
    if (table.rows.empty()) continue;
    tables.push_back(std::move(table));
    name_run(tables.back(), listing.runs[i], listing);
  }
  return tables;
}

}  // namespace

const std::vector<std::string>& view_names() {
  static const std::vector<std::string> names{"ablation", "categories", "detectors", "pairs", "types", "summary"};
  return names;
}

std::vector<Table> view_tables(const RunListing& listing, const std::string& view, const ViewOptions& options) {
  const auto& names = view_names();
  if (std::find(names.begin(), names.end(), view) == names.end()) {
    throw core::ConfigError(fmt::format("there is no view '{}'", view), "--view", core::did_you_mean(view, names));
  }
  AblationOptions rows = options.rows;
  rows.one_cell_per_detector = view == "summary";
  const bool is_ablation = view == "ablation" || view == "summary";  // reads the runs itself
  std::vector<RunMetrics> metrics;
  if (!is_ablation || !rows.detector.empty()) metrics = all_metrics(listing, view == "pairs" && rows.with_intervals);
  check_detector(metrics, rows.detector);
  std::vector<Table> tables;
  if (is_ablation) tables = {ablation_table(listing, rows)};
  if (view == "categories") tables = categories_view(listing, metrics, options);
  if (view == "detectors") tables = detectors_view(listing, metrics, options);
  if (view == "pairs") tables = pairs_view(listing, metrics, options);
  if (view == "types") tables = types_view(listing, metrics, options);
  const bool is_empty =
      std::all_of(tables.begin(), tables.end(), [](const Table& table) { return table.rows.empty(); });
  // An ablation of runs without pairs has said so in its own way since it exists: an empty table.
  if (is_empty && view != "ablation") {
    throw core::DataError(fmt::format("no run has anything for the view '{}'", view), "",
                          "Runs without normality addition have the views categories and detectors.");
  }
  return tables;
}

}  // namespace normadd::reporting
