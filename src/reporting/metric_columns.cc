// SPDX-License-Identifier: Apache-2.0
#include "reporting/metric_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "metrics/aupro_options.h"

namespace normadd::reporting {
namespace {

const MetricColumn kPairMetrics[] = {
    {"image_auroc_original", "original"},
    {"image_auroc_before", "before"},
    {"image_auroc_after", "after"},
    {"image_auroc_gain", "gain", true},
    {"collateral", "collateral", true, true, Better::kUnranked},
    {"s_auroc_added", "S added"},
    {"s_auroc_good", "S good", false, true, Better::kUnranked},
    {"s_auroc_retained", "S retained", false, true, Better::kUnranked},
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

/// AUPRO has a name for each definition and limit; nothing for other metrics.
std::optional<std::string> aupro_heading_of(const std::string& metric) {
  constexpr std::string_view kEnd = "_original";
  if (!metric.ends_with(kEnd)) return std::nullopt;
  const auto options = metrics::parse_aupro_name(metric.substr(0, metric.size() - kEnd.size()));
  return options ? std::optional(metrics::aupro_heading(*options)) : std::nullopt;
}

std::vector<MetricColumn> aupro_columns(const std::vector<CategoryNumbers>& numbers) {
  std::map<std::string, std::string> headings;
  for (const auto& one : numbers) {
    for (const auto& [metric, unused] : one.values) {
      if (const auto heading = aupro_heading_of(metric)) headings[metric] = *heading;
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

MetricColumn metric_column(const std::string& metric) {
  // Originals first: beside pairs, "image AUROC" is simply "original".
  for (const auto columns : {std::span<const MetricColumn>(kOriginalMetrics), pair_metrics()}) {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const auto& column) { return column.metric == metric; });
    if (found != columns.end()) return *found;
  }
  MetricColumn column{metric, aupro_heading_of(metric).value_or(metric), metric.ends_with("_gain")};
  // The share of false alarms among good images.
  if (metric.starts_with("image_fpr")) column.better = Better::kLower;
  return column;
}

TableCell metric_cell(const MetricColumn& column, double value) {
  return column.is_change ? percent_change_cell(value) : percent_cell(value);
}

void add_metric_column(Table& table, const MetricColumn& column, bool ranked) {
  table.columns.push_back({column.metric, column.heading, true, false, ranked ? column.better : Better::kUnranked});
  if (column.metric != kGainMetric) return;
  table.columns.push_back({"gain_low", ""});
  table.columns.push_back({"gain_high", ""});
}

void add_metric_cells(TableRow& row, const MetricColumn& column, double value, const GainInterval& interval) {
  TableCell cell = metric_cell(column, value);
  if (column.metric != kGainMetric) {
    row.cells.push_back(std::move(cell));
    return;
  }
  const TableCell low = percent_change_cell(interval.low), high = percent_change_cell(interval.high);
  if (interval.is_defined()) {
    const auto without_plus = [](const std::string& text) { return text.starts_with('+') ? text.substr(1) : text; };
    cell.interval = fmt::format("[{}, {}]", without_plus(low.text), without_plus(high.text));
    cell.is_significant = interval.excludes_zero();
  }
  row.cells.push_back(std::move(cell));
  row.cells.push_back({"", low.raw});
  row.cells.push_back({"", high.raw});
}

void add_interval_legend(Table& table) {
  const bool has_intervals = std::any_of(table.rows.begin(), table.rows.end(), [](const TableRow& row) {
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [](const TableCell& cell) { return !cell.interval.empty(); });
  });
  if (!has_intervals) return;
  table.notes.emplace_back(
      "[low, high]: 95 % bootstrap interval over images, stratified by type, not adjusted for the number of pairs.");
  table.notes.emplace_back("*: the interval excludes 0.");
}

}  // namespace normadd::reporting
