// SPDX-License-Identifier: Apache-2.0
// Curves of image scores on the original labels, and of both on the new labels.
#include <fmt/format.h>

#include <algorithm>

#include "reporting/figure_families.h"

namespace normadd::reporting {
namespace {

struct CurveKind {
  const char *name, *words, *area;
  const char *x_label, *x_column, *y_label, *y_column;
  SeriesKind kind;
  Curve (*of)(std::span<const double>, std::span<const std::uint8_t>);
  Curve (*mean)(const std::vector<Curve>&);
  bool has_chance_line;
};

const CurveKind kRoc{"roc",
                     "ROC",
                     "AUROC",
                     "false positive rate",
                     "false_positive_rate",
                     "true positive rate",
                     "true_positive_rate",
                     SeriesKind::kLine,
                     roc_curve,
                     mean_of_lines,
                     true};
const CurveKind kPrecisionRecall{
    "pr",        "Precision-recall", "average precision",    "recall",      "recall", "precision",
    "precision", SeriesKind::kStep,  precision_recall_curve, mean_of_steps, false};

Chart empty_chart(const CurveKind& kind, const std::string& name) {
  Chart chart;
  chart.kind = name;
  chart.x = {kind.x_label, kind.x_column, 0, 1};
  chart.y = {kind.y_label, kind.y_column, 0, 1};
  chart.panel_column = "category";
  return chart;
}

ChartSeries series_of(const CurveKind& kind, const std::string& name, const Curve& curve, const SeriesStyle& style) {
  ChartSeries series;
  series.name = name;
  series.kind = kind.kind;
  series.x = curve.x;
  series.y = curve.y;
  series.colour = style.colour;
  series.dash = style.dash;
  return series;
}

void add_chance_line(const CurveKind& kind, ChartPanel& panel) {
  if (kind.has_chance_line) panel.guides.push_back({Guide::Kind::kDiagonal, 0, ""});
}

/// Puts the mean over categories before them, where there are several.
void add_mean_panel(const CurveKind& kind, Chart& chart,
                    const std::vector<std::pair<std::string, SeriesStyle>>& names) {
  if (chart.panels.size() < 2) return;
  ChartPanel mean{"mean", {}};
  add_chance_line(kind, mean);
  for (const auto& [name, style] : names) {
    std::vector<Curve> curves;
    for (const auto& panel : chart.panels) {
      for (const auto& series : panel.series) {
        if (series.name == name) curves.push_back({series.x, series.y});
      }
    }
    mean.series.push_back(series_of(kind, name, kind.mean(curves), style));
    mean.series.back().width_pt = 1.5;
  }
  chart.panels.insert(chart.panels.begin(), std::move(mean));
}

Figures original_curves(const FigureSource& source, const CurveKind& kind) {
  Chart chart = empty_chart(kind, kind.name);
  chart.series_column = "detector";
  std::vector<std::string> categories;
  for (const auto& subject : source.originals) {
    for (const auto& numbers : subject.originals) {
      if (std::find(categories.begin(), categories.end(), numbers.category) == categories.end())
        categories.push_back(numbers.category);
    }
  }
  std::vector<std::pair<std::string, SeriesStyle>> names;
  for (std::size_t s = 0; s < source.originals.size(); ++s)
    names.emplace_back(source.originals[s].label, series_style(s));
  for (const auto& category : categories) {
    ChartPanel panel{category, {}};
    add_chance_line(kind, panel);
    for (std::size_t s = 0; s < source.originals.size(); ++s) {
      const auto scores = original_scores(source.originals[s], category);
      const Curve curve = kind.of(scores.scores, scores.labels);
      if (!curve.empty()) panel.series.push_back(series_of(kind, names[s].first, curve, names[s].second));
    }
    if (!panel.series.empty()) chart.panels.push_back(std::move(panel));
  }
  if (chart.panels.empty()) return {};
  add_mean_panel(kind, chart, names);
  lay_out_panels(chart);
  const std::string caption = fmt::format(
      "Image scores (maximum of the map) on the original labels. The area under each curve is its image {}; the mean "
      "is over "
      "categories at equal {}, so that its area is the mean of theirs.{}",
      kind.area, kind.x_label, note_of_omission(source.originals.size(), source.num_originals));
  return {figure_of(kind.name, fmt::format("{} of images", kind.words), caption, chart)};
}

/// The mean over a category's pairs.
Curve new_label_curve(const CurveKind& kind, const CellScores& scores, const std::string& category, bool after) {
  std::vector<Curve> curves;
  for (const auto& pair : scores.pairs) {
    if (pair.category == category) curves.push_back(kind.of(after ? pair.after : pair.before, pair.is_anomalous));
  }
  return kind.mean(curves);
}

Figures new_label_curves(const FigureSource& source, const CurveKind& kind) {
  Figures figures;
  const std::vector<std::pair<std::string, SeriesStyle>> names{{"before", {kBeforeColour, "4 1.5", "o"}},
                                                               {"after", {kAfterColour, "", "o"}}};
  for (const auto& subject : source.leading) {
    if (subject.scores == nullptr) continue;
    const std::string family = fmt::format("{}_new_labels", kind.name);
    Chart chart = empty_chart(kind, family);
    chart.series_column = "labels";
    for (const auto& pair : subject.scores->pairs) {
      const auto known = std::any_of(chart.panels.begin(), chart.panels.end(),
                                     [&](const auto& one) { return one.title == pair.category; });
      if (known) continue;
      ChartPanel panel{pair.category, {}};
      add_chance_line(kind, panel);
      for (std::size_t s = 0; s < names.size(); ++s) {
        const Curve curve = new_label_curve(kind, *subject.scores, pair.category, s == 1);
        if (!curve.empty()) panel.series.push_back(series_of(kind, names[s].first, curve, names[s].second));
      }
      if (!panel.series.empty()) chart.panels.push_back(std::move(panel));
    }
    if (chart.panels.empty()) continue;
    add_mean_panel(kind, chart, names);
    lay_out_panels(chart);
    const std::string caption = fmt::format(
        "{}, {}: image scores on the new labels, where the added type counts as normal; each curve is the mean over "
        "the pairs of its "
        "category, so that its area is their mean {}.",
        subject.label, cell_words(*subject.cell), kind.area);
    figures.push_back(figure_of(figure_name(family, subject, source.leading),
                                fmt::format("{} before and after{}", kind.words, of_subject(subject, source.leading)),
                                caption, chart));
  }
  return figures;
}

}  // namespace

OriginalScores original_scores(const FigureSubject& subject, const std::string& category) {
  OriginalScores found;
  if (subject.run_scores == nullptr) return found;
  // Every cell of the detector has the same scores before; not every cell needs to have every category.
  for (const auto& cell : subject.run_scores->cells) {
    if (cell.detector != subject.detector) continue;
    for (const auto& pair : cell.pairs) {
      if (pair.category == category) return {pair.before, subject.run_scores->categories.at(category).is_anomalous};
    }
  }
  return found;
}

Figures roc_figures(const FigureSource& source) { return original_curves(source, kRoc); }
Figures precision_recall_figures(const FigureSource& source) { return original_curves(source, kPrecisionRecall); }
Figures new_label_roc_figures(const FigureSource& source) { return new_label_curves(source, kRoc); }
Figures new_label_precision_recall_figures(const FigureSource& source) {
  return new_label_curves(source, kPrecisionRecall);
}

}  // namespace normadd::reporting
