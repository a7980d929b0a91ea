// SPDX-License-Identifier: Apache-2.0
#include "reporting/compat_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/nearest_name.h"
#include "core/number_text.h"
#include "reporting/changed_keys.h"
#include "reporting/means.h"
#include "reporting/run_metrics.h"

namespace normadd::reporting {
namespace {

/// A column of another tool and the first of our metrics that it can hold.
struct CompatColumn {
  const char* name;
  std::vector<std::string> metrics;
};

std::string number_text(double share) { return std::isnan(share) ? "" : core::shortest_text(share); }

/// The metric that fills a column for these categories; empty when none was measured.
std::string measured_metric(const CompatColumn& column, const std::vector<CategoryNumbers>& categories) {
  for (const auto& metric : column.metrics) {
    const bool is_there = std::any_of(categories.begin(), categories.end(),
                                      [&](const auto& category) { return category.values.contains(metric); });
    if (is_there) return metric;
  }
  return "";
}

void warn_of_missing(CompatTable& table, const CompatColumn& column, const std::string& detector) {
  const std::string warning =
      fmt::format("{} is empty: {} has no {}", column.name, detector, fmt::join(column.metrics, " or "));
  if (std::find(table.warnings.begin(), table.warnings.end(), warning) == table.warnings.end()) {
    table.warnings.push_back(warning);
  }
}

struct FoundMethod {
  std::string dataset, seed;
  DetectorNumbers numbers;
};

std::vector<FoundMethod> found_methods(const RunListing& listing, const std::string& detector) {
  std::vector<FoundMethod> found;
  std::vector<std::string> names;
  for (const auto& run : listing.runs) {
    const RunMetrics metrics = read_run_metrics(run.folder / "metrics.csv");
    for (const auto& original : metrics.originals) {
      names.push_back(original.detector);
      if (detector.empty() || original.detector == detector) found.push_back({metrics.dataset, seed_of(run), original});
    }
  }
  if (!found.empty()) return found;
  throw core::ConfigError(fmt::format("no run has the detector '{}'", detector), "--detector",
                          core::did_you_mean(detector, names));
}

/// PatchCore calls MVTec AD "mvtec".
std::string patchcore_dataset(const std::string& dataset) { return dataset == "mvtec_ad" ? "mvtec" : dataset; }

}  // namespace

CompatTable patchcore_results(const RunListing& listing, const std::string& detector) {
  const auto found = found_methods(listing, detector);
  if (found.size() > 1) {
    std::vector<std::string> names;
    for (const auto& method : found) names.push_back(method.numbers.detector);
    throw core::ConfigError(fmt::format("PatchCore's results.csv holds one method, and here are {}: {}", found.size(),
                                        fmt::join(names, ", ")),
                            "--compat", "Name one run, and one detector with --detector.");
  }
  const std::vector<CompatColumn> columns{{"instance_auroc", {"image_auroc_original_native", "image_auroc_original"}},
                                          {"full_pixel_auroc", {"pixel_auroc_original"}},
                                          {"anomaly_pixel_auroc", {"pixel_auroc_original_anomalous"}}};
  const auto& [dataset, seed, numbers] = found.front();
  CompatTable table;
  table.csv.columns = {"Row Names"};
  std::vector<std::string> mean{"Mean"};
  for (const auto& category : numbers.categories) {
    table.csv.rows.push_back({patchcore_dataset(dataset) + "_" + category.category});
  }
  for (const auto& column : columns) {
    table.csv.columns.emplace_back(column.name);
    const std::string metric = measured_metric(column, numbers.categories);
    if (metric.empty()) warn_of_missing(table, column, numbers.detector);
    for (std::size_t i = 0; i < numbers.categories.size(); ++i) {
      table.csv.rows[i].push_back(number_text(numbers.categories[i].value(metric)));
    }
    mean.push_back(number_text(category_mean(numbers.categories, metric)));
  }
  table.csv.rows.push_back(std::move(mean));
  return table;
}

CompatTable anomalib_benchmark(const RunListing& listing, const std::string& detector) {
  const std::vector<CompatColumn> columns{{"image_AUROC", {"image_auroc_original"}},
                                          {"image_F1Score", {"image_f1max_original"}},
                                          {"pixel_AUROC", {"pixel_auroc_original"}},
                                          {"pixel_F1Score", {"pixel_f1max_original"}}};
  CompatTable table;
  table.csv.columns = {"accelerator",     "job_duration",  "fit_duration",     "test_duration",
                       "data.class_path", "data.category", "model.class_path", "seed"};
  for (const auto& column : columns) table.csv.columns.emplace_back(column.name);
  table.warnings = {"accelerator and durations are empty: runs do not keep them per category"};
  for (const auto& [dataset, seed, numbers] : found_methods(listing, detector)) {
    std::vector<std::string> metrics;
    for (const auto& column : columns) {
      metrics.push_back(measured_metric(column, numbers.categories));
      if (metrics.back().empty()) warn_of_missing(table, column, numbers.detector);
    }
    for (const auto& category : numbers.categories) {
      auto& row = table.csv.rows.emplace_back(
          std::vector<std::string>{"", "", "", "", dataset, category.category, numbers.detector, seed});
      for (const auto& metric : metrics) row.push_back(number_text(category.value(metric)));
    }
  }
  return table;
}

CompatTable compat_table(const RunListing& listing, const std::string& tool, const std::string& detector) {
  if (tool == "patchcore") return patchcore_results(listing, detector);
  if (tool == "anomalib") return anomalib_benchmark(listing, detector);
  throw core::ConfigError(fmt::format("there is no tool '{}'", tool), "--compat",
                          core::did_you_mean(tool, {"patchcore", "anomalib"}));
}

}  // namespace normadd::reporting
