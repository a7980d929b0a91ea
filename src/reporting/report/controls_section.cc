// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "reporting/escaping.h"
#include "reporting/means.h"
#include "reporting/report/data_table.h"
#include "reporting/report/sections.h"

namespace normadd::reporting {
namespace {

constexpr const char* kGain = "image_auroc_gain";

struct Control {
  const char* name;
  const char* meaning;
  /// Whether a gain under it would speak against the text.
  bool is_placebo;
};

constexpr Control kControls[] = {
    {"none", "nothing is suppressed", true},
    {"constant", "the same suppression everywhere", true},
    {"random", "another image's suppression, its places shuffled", true},
    {"shuffled_prompts", "the text of another type", true},
    {"wrong_object", "the right type, another object's noun", false},
    {"oracle", "the true mask as suppression", false},
};

/// The control's cell with the detector's leading prompts, or without prompts where it has none.
const CellNumbers* control_cell(const ReportedRun& run, const CellNumbers& leading, const std::string& control) {
  for (const auto& cell : run.metrics.cells) {
    const bool is_it = cell.is_control() && cell.fusion == control && cell.detector == leading.detector;
    if (is_it && (cell.prompts == leading.prompts || cell.prompts.empty())) return &cell;
  }
  return nullptr;
}

double gain_of(const CellNumbers& cell) { return pair_mean(cell.pairs, kGain); }

std::string points(double share) { return percent_change_cell(share).text; }

/// Placebos against texts over all detectors.
struct Verdict {
  std::optional<double> least_text, most_placebo, most_noun_change;
  std::string placebo, placebo_detector;
  std::size_t num_placebos = 0, num_above = 0, num_intervals = 0;
};

void add_placebo(Verdict& verdict, const CellNumbers& cell) {
  const double gain = gain_of(cell);
  if (std::isnan(gain)) return;
  ++verdict.num_placebos;
  if (cell.pair_mean_interval.is_defined()) {
    ++verdict.num_intervals;
    if (cell.pair_mean_interval.low > 0) ++verdict.num_above;
  }
  if (verdict.most_placebo && *verdict.most_placebo >= gain) return;
  verdict.most_placebo = gain;
  verdict.placebo = cell.fusion;
  verdict.placebo_detector = cell.detector;
}

std::string sentence(const Verdict& verdict) {
  if (!verdict.most_placebo || !verdict.least_text) return "";
  std::string html = fmt::format(
      "Suppression that says nothing true about the added type gains at most <strong>{}</strong> points ({}, {}); the "
      "text gains at least <strong>{}</strong>.",
      points(*verdict.most_placebo), html_text(verdict.placebo), html_text(verdict.placebo_detector),
      points(*verdict.least_text));
  if (*verdict.most_placebo >= *verdict.least_text) {
    html += " <strong>The controls do not clear this gain:</strong> a placebo gains as much as the text.";
  }
  if (verdict.num_intervals > 0) {
    html +=
        fmt::format(" The interval of {} of these {} means lies above 0.", verdict.num_above, verdict.num_intervals);
  }
  if (verdict.most_noun_change) {
    html +=
        fmt::format(" With another object's noun the gain differs from the text's by at most <strong>{:.2f}</strong>.",
                    100 * *verdict.most_noun_change);
  }
  return html;
}

TableCell gain_cell(const CellNumbers* cell) { return percent_change_cell(cell == nullptr ? NAN : gain_of(*cell)); }

}  // namespace

std::string controls_section(const ReportedRun& run) {
  const auto leading = run.leading_cells();
  if (leading.empty()) return "";
  Table table;
  table.title = "Gain by suppression";
  table.columns = {{"suppression", "suppression", false}, {"meaning", "what it is", false}};
  CellHtml html;
  Verdict verdict;
  const auto add_row = [&](const std::string& name, const std::string& meaning, const auto& cell_of) {
    TableRow row{{word_cell(name), word_cell(meaning)}};
    for (std::size_t d = 0; d < leading.size(); ++d) {
      const CellNumbers* cell = cell_of(*leading[d]);
      row.cells.push_back(gain_cell(cell));
      if (cell != nullptr) {
        html[{table.rows.size(), d + 2}] = gain_html(gain_of(*cell), cell->pair_mean_interval);
      }
    }
    table.rows.push_back(std::move(row));
  };
  for (const auto* cell : leading) {
    table.columns.push_back({cell->detector, cell->detector});
    const double gain = gain_of(*cell);
    if (!std::isnan(gain)) verdict.least_text = std::min(verdict.least_text.value_or(gain), gain);
  }
  add_row("text", fmt::format("prompts {}, {}", leading.front()->prompts, leading.front()->fusion),
          [](const CellNumbers& cell) { return &cell; });
  for (const auto& control : kControls) {
    const auto cell_of = [&](const CellNumbers& cell) { return control_cell(run, cell, control.name); };
    const bool is_there =
        std::any_of(leading.begin(), leading.end(), [&](const CellNumbers* cell) { return cell_of(*cell) != nullptr; });
    if (!is_there) continue;
    add_row(control.name, control.meaning, cell_of);
    for (const auto* cell : leading) {
      const auto* found = cell_of(*cell);
      if (found == nullptr) continue;
      if (control.is_placebo) add_placebo(verdict, *found);
      if (control.name != std::string_view("wrong_object")) continue;
      const double change = std::abs(gain_of(*found) - gain_of(*cell));
      if (!std::isnan(change)) verdict.most_noun_change = std::max(verdict.most_noun_change.value_or(0), change);
    }
  }
  if (table.rows.size() == 1) {
    return "<p>This run had no controls. A gain counts only when it vanishes under them: add "
           "<code>controls=[constant,random,shuffled_prompts,wrong_object,oracle]</code>.</p>\n";
  }
  table.notes = {"Change of image AUROC x 100 on the new labels, mean over pairs.",
                 "wrong_object that gains like the text: the words for the type do it, not the object's noun.",
                 "oracle: not an upper limit, since a blurred map reaches beyond the mask."};
  if (verdict.num_intervals > 0) {
    table.notes.insert(table.notes.begin() + 1, "Brackets: 95 % interval of a bootstrap over test images.");
  }
  const std::string lead = sentence(verdict);
  return (lead.empty() ? "" : "<p>" + lead + "</p>\n") + data_table(table, false, html);
}

}  // namespace normadd::reporting
