// SPDX-License-Identifier: Apache-2.0
#include "reporting/pair_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "reporting/means.h"
#include "reporting/metric_columns.h"

namespace normadd::reporting {
namespace {

constexpr const char* kImagesLegend = "images: normal + anomalous.";

using Means = double (*)(const std::vector<CategoryNumbers>&, const std::string&);

/// Categories and pairs are no rivals: nothing is ranked.
void add_columns(Table& table, const std::vector<MetricColumn>& metrics) {
  for (const auto& metric : metrics) add_metric_column(table, metric, false);
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
              const std::vector<CategoryNumbers>& numbers, Means mean, const GainInterval& interval = {}) {
  TableRow row{std::move(first), true};
  for (const auto& metric : metrics) add_metric_cells(row, metric, mean(numbers, metric.metric), interval);
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
  table.keys = {{"detector", numbers.detector}};
  table.columns = {{"category", "category", false}};
  const auto metrics = original_metrics(numbers.categories);
  add_columns(table, metrics);
  add_count_columns(table);
  for (const auto& category : numbers.categories) {
    TableRow row{{word_cell(category.category)}, false};
    for (const auto& metric : metrics) add_metric_cells(row, metric, category.value(metric.metric));
    add_count_cells(row, category);
    table.rows.push_back(std::move(row));
  }
  add_mean(table, {word_cell("mean")}, metrics, numbers.categories, category_mean);
  table.notes = {
      "x 100, original labels. Image metrics: score = map maximum; native score: AUROC of the detector's own.",
      kImagesLegend};
  return table;
}

Table pair_table(const CellNumbers& cell) {
  Table table;
  table.title = "Normality addition: " + name_of(cell);
  table.keys = {{"detector", cell.detector}, {"prompts", cell.prompts}, {"fusion", cell.fusion}};
  table.columns = {{"category", "category", false, true}, {"added", "added", false}};
  const auto metrics = shown(pair_metrics(), cell.pairs);
  add_columns(table, metrics);
  add_count_columns(table);
  for (const auto& pair : cell.pairs) {
    TableRow row{{word_cell(pair.category), {pair.is_combined() ? pair.added + "\u2020" : pair.added, pair.added}},
                 false};
    for (const auto& metric : metrics) add_metric_cells(row, metric, pair.value(metric.metric), pair.gain_interval);
    add_count_cells(row, pair);
    table.rows.push_back(std::move(row));
  }
  const auto count = [](std::size_t number, const char* one, const char* many) {
    return word_cell(fmt::format("{} {}", number, number == 1 ? one : many));
  };
  add_mean(table, {word_cell("pair mean"), count(cell.pairs.size(), "pair", "pairs")}, metrics, cell.pairs, pair_mean,
           cell.pair_mean_interval);
  const bool combined = has_combined(cell.pairs);
  if (combined) {
    std::vector<CategoryNumbers> pure;
    std::copy_if(cell.pairs.begin(), cell.pairs.end(), std::back_inserter(pure),
                 [](const auto& pair) { return !pair.is_combined(); });
    add_mean(table, {word_cell("without \u2020"), count(pure.size(), "pair", "pairs")}, metrics, pure, pair_mean);
  }
  add_mean(table, {word_cell("category mean"), count(num_categories(cell.pairs), "category", "categories")}, metrics,
           cell.pairs, category_mean, cell.category_mean_interval);
  table.notes = {kAurocLegend, kSideEffectLegend, kImagesLegend};
  add_interval_legend(table);
  if (combined) table.notes.emplace_back("\u2020 mixes several defects.");
  return table;
}

}  // namespace normadd::reporting
