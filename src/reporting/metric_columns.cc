// SPDX-License-Identifier: Apache-2.0
#include "reporting/metric_columns.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "metrics/aupro_options.h"

namespace normadd::reporting {
namespace {

const MetricColumn kPairMetrics[] = {
    {"image_auroc_original", "original"},
    {"image_auroc_before", "before"},
    {"image_auroc_after", "after"},
    {"image_auroc_gain", "gain", true},
    {"collateral", "collateral", true},
    {"s_auroc_added", "S added"},
    {"s_auroc_good", "S good"},
    {"s_auroc_retained", "S retained"},
    {"pixel_auroc_before", "pixel before", false, false},
    {"pixel_auroc_after", "pixel after", false, false},
    {"pixel_auroc_gain", "pixel gain", true, false},
};

const MetricColumn kOriginalMetrics[] = {
    {"image_auroc_original", "image AUROC"},
    {"image_auroc_original_native", "native score", false, false},
    {"image_ap_original", "image AP", false, false},
    {"image_f1max_original", "image F1-max", false, false},
    {"pixel_auroc_original", "pixel AUROC", false, false},
    {"pixel_ap_original", "pixel AP", false, false},
    {"pixel_f1max_original", "pixel F1-max", false, false},
};

/// AUPRO has a name for each definition and limit.
std::vector<MetricColumn> aupro_columns(const std::vector<CategoryNumbers>& numbers) {
  constexpr std::string_view kEnd = "_original";
  std::map<std::string, std::string> headings;
  for (const auto& one : numbers) {
    for (const auto& [metric, unused] : one.values) {
      if (!metric.ends_with(kEnd)) continue;
      const auto options = metrics::parse_aupro_name(metric.substr(0, metric.size() - kEnd.size()));
      if (options) headings[metric] = metrics::aupro_heading(*options);
    }
  }
  std::vector<MetricColumn> columns;
  for (const auto& [metric, heading] : headings) columns.push_back({metric, heading});
  return columns;
}

}  // namespace

std::span<const MetricColumn> pair_metrics() { return kPairMetrics; }

std::vector<MetricColumn> original_metrics(const std::vector<CategoryNumbers>& numbers) {
  auto columns = shown(kOriginalMetrics, numbers);
  for (auto& column : aupro_columns(numbers)) columns.push_back(std::move(column));
  return columns;
}

std::vector<MetricColumn> leading_original_metrics(const std::vector<CategoryNumbers>& numbers) {
  auto columns = original_metrics(numbers);
  std::erase_if(columns, [](const MetricColumn& column) {
    return column.metric.find("_ap_") != std::string::npos || column.metric.find("_f1max_") != std::string::npos;
  });
  return columns;
}

std::vector<MetricColumn> shown(std::span<const MetricColumn> columns, const std::vector<CategoryNumbers>& numbers) {
  std::vector<MetricColumn> chosen;
  for (const auto& column : columns) {
    const bool measured = std::any_of(numbers.begin(), numbers.end(),
                                      [&](const auto& one) { return one.values.count(column.metric) > 0; });
    if (column.always || measured) chosen.push_back(column);
  }
  return chosen;
}

TableCell metric_cell(const MetricColumn& column, double value) {
  return column.is_change ? percent_change_cell(value) : percent_cell(value);
}

}  // namespace normadd::reporting
