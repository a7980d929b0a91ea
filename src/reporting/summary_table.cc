// SPDX-License-Identifier: Apache-2.0
#include "reporting/summary_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "reporting/means.h"
#include "reporting/metric_columns.h"
#include "reporting/ranking.h"

namespace normadd::reporting {
namespace {

struct ControlLegend {
  const char* name;
  const char* meaning;
};

constexpr ControlLegend kControlLegends[] = {
    {"none", "nothing suppressed"},
    {"constant", "even A_sup"},
    {"random", "another image's A_sup, shuffled"},
    {"shuffled_prompts", "another type's text"},
    {"wrong_object", "another noun"},
    {"oracle", "true mask as A_sup (a blurred A reaches past it)"},
};

/// The cells in the order of the table: by detector, controls last.
std::vector<const CellNumbers*> ordered_cells(const RunMetrics& run) {
  std::map<std::string, std::size_t> place;
  for (const auto& cell : run.cells) place.emplace(cell.detector, place.size());
  std::vector<const CellNumbers*> cells;
  for (const auto& cell : run.cells) cells.push_back(&cell);
  std::stable_sort(cells.begin(), cells.end(), [&](const CellNumbers* a, const CellNumbers* b) {
    return std::pair(place[a->detector], a->is_control()) < std::pair(place[b->detector], b->is_control());
  });
  return cells;
}

/// The cell that the table calls best: the largest gain of its detector among at least two that are no controls.
const CellNumbers* best_cell(const std::vector<const CellNumbers*>& cells, const std::string& detector) {
  const CellNumbers* best = nullptr;
  std::size_t num_rivals = 0;
  for (const auto* cell : cells) {
    if (cell->is_control() || cell->detector != detector) continue;
    ++num_rivals;
    // Written so that an undefined gain never wins.
    const double gain = pair_mean(cell->pairs, kGainMetric);
    if (gain > (best == nullptr ? -1e9 : pair_mean(best->pairs, kGainMetric))) best = cell;
  }
  return num_rivals > 1 ? best : nullptr;
}

std::string prompts_text(const CellNumbers& cell, bool is_best) {
  const std::string name = cell.prompts.empty() ? "(no text)" : cell.prompts;
  return is_best ? name + " (best)" : name;
}

std::size_t num_gained(const CellNumbers& cell) {
  return static_cast<std::size_t>(std::count_if(cell.pairs.begin(), cell.pairs.end(),
                                                [](const auto& pair) { return pair.value(kGainMetric) > 0; }));
}

/// Explains the controls that the table shows, and no others, in lines no wider than a table; empty without controls.
std::vector<std::string> control_notes(const std::vector<const CellNumbers*>& cells) {
  constexpr std::size_t kMostCharacters = 110;
  std::vector<std::string> notes;
  for (const auto& legend : kControlLegends) {
    const bool used = std::any_of(cells.begin(), cells.end(), [&](const CellNumbers* cell) {
      return cell->is_control() && cell->fusion == legend.name;
    });
    if (!used) continue;
    const std::string meaning = fmt::format("{}: {}", legend.name, legend.meaning);
    if (notes.empty()) {
      notes.push_back("controls: " + meaning);
    } else if (notes.back().size() + meaning.size() > kMostCharacters) {
      notes.back() += ";";
      notes.push_back(meaning);
    } else {
      notes.back() += "; " + meaning;
    }
  }
  if (!notes.empty()) notes.back() += ".";
  return notes;
}

TableRow row_of(const CellNumbers& cell, const std::vector<MetricColumn>& metrics, bool is_best) {
  TableRow row{{word_cell(cell.detector), {prompts_text(cell, is_best), cell.prompts}, word_cell(cell.fusion)}};
  for (const auto& metric : metrics) {
    add_metric_cells(row, metric, pair_mean(cell.pairs, metric.metric), cell.pair_mean_interval);
    if (metric.metric != kGainMetric) continue;
    row.cells.push_back(percent_change_cell(category_mean(cell.pairs, kGainMetric)));
    const std::size_t gained = num_gained(cell);
    row.cells.push_back(word_cell(fmt::format("{}/{}", gained, cell.pairs.size())));
    row.cells.push_back(count_cell(gained));
  }
  row.cells.push_back(count_cell(cell.pairs.size()));
  row.is_ranked = !cell.is_control();
  return row;
}

}  // namespace

Table summary_table(const RunMetrics& run) {
  const auto cells = ordered_cells(run);
  std::vector<CategoryNumbers> all;
  for (const auto* cell : cells) all.insert(all.end(), cell->pairs.begin(), cell->pairs.end());
  const auto metrics = shown(pair_metrics(), all);
  const bool one_detector = std::all_of(
      cells.begin(), cells.end(), [&](const CellNumbers* cell) { return cell->detector == cells.front()->detector; });

  Table table;
  table.title = "Normality addition: means over all pairs";
  if (one_detector && !cells.empty()) table.title += ", " + cells.front()->detector;
  table.columns = {{"detector", one_detector ? "" : "detector", false, true},
                   {"prompts", "prompts", false},
                   {"fusion", "fusion", false}};
  for (const auto& metric : metrics) {
    // The same number in every row of a detector: the table of the original labels shows it.
    const bool is_original = metric.metric == "image_auroc_original";
    const bool is_before = metric.metric.ends_with("_before");
    MetricColumn column = metric;
    if (is_original) column.heading.clear();
    add_metric_column(table, column, !is_original && !(is_before && one_detector));
    if (metric.metric != kGainMetric) continue;
    table.columns.push_back({"image_auroc_gain_category_mean", "by category"});
    table.columns.push_back({"", "gain > 0"});
    table.columns.push_back({"num_pairs_with_gain", ""});
  }
  table.columns.push_back({"num_pairs", ""});

  bool marks_best = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool is_best = cells[i] == best_cell(cells, cells[i]->detector);
    marks_best |= is_best;
    TableRow row = row_of(*cells[i], metrics, is_best);
    row.is_group_start =
        i > 0 && (cells[i]->detector != cells[i - 1]->detector || cells[i]->is_control() != cells[i - 1]->is_control());
    table.rows.push_back(std::move(row));
  }
  mark_best(table);
  table.notes = {"Image AUROC x 100, score = map maximum, new labels: the added type counts as normal.",
                 "gain = after - before. Every pair counts the same; by category: every category, gain only.",
                 kSideEffectLegend};
  add_interval_legend(table);
  if (marks_best) table.notes.emplace_back("best: largest gain, known only after the test.");
  for (auto& note : control_notes(cells)) table.notes.push_back(std::move(note));
  return table;
}

}  // namespace normadd::reporting
