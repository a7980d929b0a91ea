// SPDX-License-Identifier: Apache-2.0
#include "reporting/pair_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "reporting/means.h"

namespace normadd::reporting {
namespace {

struct MetricColumn {
  const char* metric;
  const char* heading;
  bool is_change = false;
  bool always = true;  // else only where it was measured
};

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

constexpr const char* kLegend =
    "AUROC x 100. original: ordinary labels; before and after: the added type counts as normal; gain = after - before.";
constexpr const char* kControlLegend =
    "collateral: change of AUROC(retained vs good), best 0. S-AUROC: best 100 on added, 50 on good and retained.";
constexpr const char* kImagesLegend = "images: normal + anomalous.";

using Means = double (*)(const std::vector<CategoryNumbers>&, const std::string&);

template <std::size_t N>
std::vector<MetricColumn> shown(const MetricColumn (&columns)[N], const std::vector<CategoryNumbers>& numbers) {
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

void add_columns(Table& table, const std::vector<MetricColumn>& metrics) {
  for (const auto& metric : metrics) table.columns.push_back({metric.metric, metric.heading});
}

void add_count_columns(Table& table) {
  table.columns.push_back({"", "images"});
  table.columns.push_back({"n_normal", ""});
  table.columns.push_back({"n_anomalous", ""});
}

void add_count_cells(TableRow& row, const CategoryNumbers& numbers) {
  row.cells.push_back(word_cell(fmt::format("{}+{}", numbers.num_normal, numbers.num_anomalous)));
  row.cells.push_back(count_cell(numbers.num_normal));
  row.cells.push_back(count_cell(numbers.num_anomalous));
}

/// first: the cells before the metrics; the counts of a mean are empty.
void add_mean(Table& table, std::vector<TableCell> first, const std::vector<MetricColumn>& metrics,
              const std::vector<CategoryNumbers>& numbers, Means mean) {
  TableRow row{std::move(first), true};
  for (const auto& metric : metrics) row.cells.push_back(metric_cell(metric, mean(numbers, metric.metric)));
  row.cells.resize(table.columns.size());
  table.rows.push_back(std::move(row));
}

std::string name_of(const CellNumbers& cell) {
  return cell.prompts.empty() ? fmt::format("{}, {}", cell.detector, cell.fusion)
                              : fmt::format("{}, prompts {}, {}", cell.detector, cell.prompts, cell.fusion);
}

bool has_combined(const std::vector<CategoryNumbers>& pairs) {
  return std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.is_combined(); });
}

}  // namespace

Table original_table(const DetectorNumbers& numbers) {
  Table table;
  table.title = numbers.detector + " on the original labels";
  table.columns = {{"category", "category", false}};
  const auto metrics = shown(kOriginalMetrics, numbers.categories);
  add_columns(table, metrics);
  add_count_columns(table);
  for (const auto& category : numbers.categories) {
    TableRow row{{word_cell(category.category)}, false};
    for (const auto& metric : metrics) row.cells.push_back(metric_cell(metric, category.value(metric.metric)));
    add_count_cells(row, category);
    table.rows.push_back(std::move(row));
  }
  add_mean(table, {word_cell("mean")}, metrics, numbers.categories, category_mean);
  table.notes = {"AUROC x 100; image AUROC by the largest value of the map, native score by the detector's own.",
                 kImagesLegend};
  return table;
}

Table pair_table(const CellNumbers& cell) {
  Table table;
  table.title = "Normality addition: " + name_of(cell);
  table.columns = {{"category", "category", false, true}, {"added", "added", false}};
  const auto metrics = shown(kPairMetrics, cell.pairs);
  add_columns(table, metrics);
  add_count_columns(table);
  for (const auto& pair : cell.pairs) {
    TableRow row{{word_cell(pair.category), {pair.is_combined() ? pair.added + "*" : pair.added, pair.added}}, false};
    for (const auto& metric : metrics) row.cells.push_back(metric_cell(metric, pair.value(metric.metric)));
    add_count_cells(row, pair);
    table.rows.push_back(std::move(row));
  }
  const auto count = [](std::size_t number, const char* one, const char* many) {
    return word_cell(fmt::format("{} {}", number, number == 1 ? one : many));
  };
  add_mean(table, {word_cell("pair mean"), count(cell.pairs.size(), "pair", "pairs")}, metrics, cell.pairs, pair_mean);
  const bool combined = has_combined(cell.pairs);
  if (combined) {
    std::vector<CategoryNumbers> pure;
    std::copy_if(cell.pairs.begin(), cell.pairs.end(), std::back_inserter(pure),
                 [](const auto& pair) { return !pair.is_combined(); });
    add_mean(table, {word_cell("without *"), count(pure.size(), "pair", "pairs")}, metrics, pure, pair_mean);
  }
  add_mean(table, {word_cell("category mean"), count(num_categories(cell.pairs), "category", "categories")}, metrics,
           cell.pairs, category_mean);
  table.notes = {kLegend, kControlLegend, kImagesLegend};
  if (combined) table.notes.emplace_back("* mixes several defects.");
  return table;
}

Table summary_table(const RunMetrics& run) {
  Table table;
  table.title = "Normality addition: means over all pairs";
  table.columns = {{"detector", "detector", false, true}, {"prompts", "prompts", false}, {"fusion", "fusion", false}};
  std::vector<CategoryNumbers> all;
  for (const auto& cell : run.cells) all.insert(all.end(), cell.pairs.begin(), cell.pairs.end());
  const auto metrics = shown(kPairMetrics, all);
  add_columns(table, metrics);
  table.columns.push_back({"image_auroc_gain_category_mean", "by category"});
  table.columns.push_back({"num_pairs", "pairs"});
  for (const auto& cell : run.cells) {
    TableRow row{{word_cell(cell.detector),
                  {cell.prompts.empty() ? "(no text)" : cell.prompts, cell.prompts},
                  word_cell(cell.fusion)},
                 false};
    for (const auto& metric : metrics) row.cells.push_back(metric_cell(metric, pair_mean(cell.pairs, metric.metric)));
    row.cells.push_back(percent_change_cell(category_mean(cell.pairs, "image_auroc_gain")));
    row.cells.push_back(count_cell(cell.pairs.size()));
    table.rows.push_back(std::move(row));
  }
  table.notes = {kLegend, kControlLegend,
                 "Pair means: every pair counts the same; by category: every category, gain only."};
  return table;
}

}  // namespace normadd::reporting
