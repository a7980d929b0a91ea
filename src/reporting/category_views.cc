// SPDX-License-Identifier: Apache-2.0
#include "reporting/category_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/number_text.h"
#include "reporting/metric_columns.h"
#include "reporting/ranking.h"

namespace normadd::reporting {
namespace {

TableCell spread_cell(const MetricColumn& column, const SeedSpread& spread) {
  TableCell cell = metric_cell(column, spread.mean);
  if (!std::isnan(spread.deviation)) cell.deviation = percent_text(spread.deviation, column.is_change);
  return cell;
}

/// The number as people see it and, where there are several seeds, its deviation for programs.
void add_spread_cells(TableRow& row, const MetricColumn& column, const SeedSpread& spread, bool several_seeds) {
  row.cells.push_back(spread_cell(column, spread));
  if (!several_seeds) return;
  row.cells.push_back({"", std::isnan(spread.deviation) ? "" : core::shortest_text(spread.deviation)});
}

std::vector<CategoryNumbers> all_numbers(const Method& method) {
  std::vector<CategoryNumbers> all;
  for (const auto& seed : method.seeds) all.insert(all.end(), seed.begin(), seed.end());
  return all;
}

}  // namespace

Table category_table(const Method& method) {
  const bool several_seeds = method.seeds.size() > 1;
  const auto metrics = original_metrics(all_numbers(method));
  Table table;
  table.title = method.name + " on the original labels";
  table.keys = {{"method", method.name}};
  table.columns = {{"category", "category", false}};
  for (const auto& metric : metrics) {
    add_metric_column(table, metric, false);
    if (several_seeds) table.columns.push_back({metric.metric + "_std", ""});
  }
  const auto categories = ordered_categories({method});
  for (const auto& category : categories) {
    TableRow row{{word_cell(category)}};
    for (const auto& metric : metrics) {
      add_spread_cells(row, metric, category_spread(method, category, metric.metric), several_seeds);
    }
    table.rows.push_back(std::move(row));
  }
  TableRow mean{{word_cell("mean")}, true};
  for (const auto& metric : metrics) {
    add_spread_cells(mean, metric, macro_spread(method, metric.metric), several_seeds);
  }
  table.rows.push_back(std::move(mean));
  table.notes = {fmt::format("x 100, original labels; mean: unweighted, over {} categories; n = {} seed{}.",
                             categories.size(), method.seeds.size(), several_seeds ? "s" : ""),
                 "Image metrics: score = map maximum; native score: AUROC of the detector's own."};
  add_seed_note(table, {method});
  return table;
}

Table method_table(const std::vector<Method>& methods, const std::string& metric, bool mean_first) {
  const MetricColumn column = metric_column(metric);
  const auto categories = ordered_categories(methods);
  const bool several_seeds = most_seeds(methods) > 1;
  Table table;
  table.title =
      column.heading == metric ? metric + " by category" : fmt::format("{} ({}) by category", column.heading, metric);
  table.keys = {{"metric", metric}};
  table.columns = {{"method", "method", false}};
  if (several_seeds) table.columns.push_back({"n", "n"});
  const auto add_column = [&](const std::string& name) {
    table.columns.push_back({name, name, true, false, column.better});
    if (several_seeds) table.columns.push_back({name + "_std", ""});
  };
  if (mean_first) add_column("mean");
  for (const auto& category : categories) add_column(category);
  if (!mean_first) add_column("mean");
  for (const auto& method : methods) {
    TableRow row{{word_cell(method.name)}};
    row.is_ranked = !method.is_control;
    if (several_seeds) row.cells.push_back(count_cell(method.seeds.size()));
    const auto add_mean = [&] { add_spread_cells(row, column, macro_spread(method, metric), several_seeds); };
    if (mean_first) add_mean();
    for (const auto& category : categories) {
      add_spread_cells(row, column, category_spread(method, category, metric), several_seeds);
    }
    if (!mean_first) add_mean();
    table.rows.push_back(std::move(row));
  }
  mark_best(table);
  table.notes = {fmt::format("x 100; mean: unweighted, over {} categories.", categories.size())};
  const bool has_pairs =
      std::any_of(methods.begin(), methods.end(), [](const Method& one) { return !one.fusion.empty(); });
  if (has_pairs) table.notes.emplace_back("A category's number is the mean over its pairs.");
  add_seed_note(table, methods);
  return table;
}

}  // namespace normadd::reporting
