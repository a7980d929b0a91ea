// SPDX-License-Identifier: Apache-2.0
#include "reporting/metric_columns.h"

#include <algorithm>

namespace normadd::reporting {
namespace {

constexpr MetricColumn kPairMetrics[] = {
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

constexpr MetricColumn kOriginalMetrics[] = {
    {"image_auroc_original", "image AUROC"},
    {"image_auroc_original_native", "native score", false, false},
    {"pixel_auroc_original", "pixel AUROC", false, false},
};

}  // namespace

std::span<const MetricColumn> pair_metrics() { return kPairMetrics; }

std::span<const MetricColumn> original_metrics() { return kOriginalMetrics; }

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
