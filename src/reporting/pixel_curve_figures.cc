// SPDX-License-Identifier: Apache-2.0
// ROC of pixels, and PRO up to AUPRO's limit, from the curves that runs keep.
#include <fmt/format.h>

#include <algorithm>

#include "reporting/figure_families.h"
#include "reporting/stored_curves.h"

namespace normadd::reporting {
namespace {

struct PixelCurveKind {
  const char *name, *title, *file, *y_label, *y_column, *caption;
  bool to_limit;
};

const PixelCurveKind kPro{"pro",
                          "Per-region overlap",
                          "pro.csv",
                          "per-region overlap",
                          "per_region_overlap",
                          "Mean over anomalous regions of the share that is found, against the false positive rate of "
                          "pixels, up to the limit "
                          "of AUPRO: AUPRO is the area divided by the limit.",
                          true};
const PixelCurveKind kPixelRoc{"pixel_roc",
                               "ROC of pixels",
                               "pixel_roc.csv",
                               "true positive rate of pixels",
                               "true_positive_rate",
                               "All pixels of a category's test images, original labels.",
                               false};

Figures pixel_curves(const FigureSource& source, const PixelCurveKind& kind) {
  Chart chart;
  chart.kind = kind.name;
  chart.x = {"false positive rate of pixels", "false_positive_rate", 0, {}};
  chart.y = {kind.y_label, kind.y_column, 0, 1};
  chart.panel_column = "category";
  chart.series_column = "detector";
  std::vector<std::vector<Curve>> all(source.originals.size());
  double limit = 0;
  for (std::size_t s = 0; s < source.originals.size(); ++s) {
    const auto& subject = source.originals[s];
    for (const auto& stored : read_curves(subject.run->folder / "curves" / kind.file, kind.y_column)) {
      if (stored.detector != subject.detector) continue;
      auto panel = std::find_if(chart.panels.begin(), chart.panels.end(),
                                [&](const auto& one) { return one.title == stored.category; });
      if (panel == chart.panels.end()) panel = chart.panels.insert(panel, {stored.category, {}});
      ChartSeries series;
      series.name = subject.label;
      series.x = stored.curve.x;
      series.y = stored.curve.y;
      series.colour = series_style(s).colour;
      series.dash = series_style(s).dash;
      limit = std::max(limit, series.x.back());
      panel->series.push_back(std::move(series));
      all[s].push_back(stored.curve);
    }
  }
  if (chart.panels.empty()) return {};
  chart.x.high = kind.to_limit ? limit : 1.0;
  if (chart.panels.size() > 1) {
    ChartPanel mean{"mean", {}};
    for (std::size_t s = 0; s < all.size(); ++s) {
      if (all[s].empty()) continue;
      const Curve curve = mean_of_lines(all[s]);
      ChartSeries series;
      series.name = source.originals[s].label;
      series.x = curve.x;
      series.y = curve.y;
      series.colour = series_style(s).colour;
      series.dash = series_style(s).dash;
      series.width_pt = 1.5;
      mean.series.push_back(std::move(series));
    }
    chart.panels.insert(chart.panels.begin(), std::move(mean));
  }
  if (!kind.to_limit) {
    for (auto& panel : chart.panels) panel.guides.push_back({Guide::Kind::kDiagonal, 0, ""});
  }
  lay_out_panels(chart);
  return {figure_of(kind.name, kind.title,
                    fmt::format("{} The mean is over categories.{}", kind.caption,
                                note_of_omission(source.originals.size(), source.num_originals)),
                    chart)};
}

}  // namespace

Figures pro_figures(const FigureSource& source) { return pixel_curves(source, kPro); }
Figures pixel_roc_figures(const FigureSource& source) { return pixel_curves(source, kPixelRoc); }

}  // namespace normadd::reporting
