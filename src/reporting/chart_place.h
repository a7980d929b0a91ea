// SPDX-License-Identifier: Apache-2.0
// Where a chart's panels lie on paper, and where in them a value lies.
#pragma once

#include <string>
#include <vector>

#include "reporting/axis_scale.h"
#include "reporting/chart.h"

namespace normadd::reporting {

inline constexpr double kTickSize_pt = 7, kLabelSize_pt = 8;
inline constexpr double kSign_pt = 15, kAreaSign_pt = 10, kSmallSign_pt = 5, kSignGap_pt = 3;  // in legends

/// One panel: its frame in points from the upper left corner, and the values at the frame's sides.
struct PanelPlace {
  double left = 0, top = 0, width = 0, height = 0;
  Range x, y;
  bool has_categories = false;
  std::size_t num_categories = 0;

  double right() const { return left + width; }
  double bottom() const { return top + height; }
  double x_pt(double value) const { return left + (value - x.low) / (x.high - x.low) * width; }
  /// With categories: the middle of the category of that number, and between.
  double y_pt(double value) const;
  double row_height() const { return height / static_cast<double>(num_categories == 0 ? 1 : num_categories); }
};

struct LegendEntry {
  const ChartSeries* series;  // the first of its name
  double left, baseline, sign_width;
  std::string words;
};

/// An axis' name: the middle of its baseline.
struct LabelPlace {
  double x, y;
  bool upright;
  std::string words;
};

struct ChartPlace {
  double width = 0, height = 0;
  std::vector<PanelPlace> panels;
  std::vector<LegendEntry> legend;
  std::vector<LabelPlace> labels;
  std::vector<std::pair<const Guide*, LegendEntry>> guides;  // named ones; their entry has no series
};

const ChartAxis& x_axis(const Chart& chart, const ChartPanel& panel);
const ChartAxis& y_axis(const Chart& chart, const ChartPanel& panel);

/// Whether the panel shows the numbers below (beside) it: it has an axis of its own, or no other panel does for it.
bool shows_x_ticks(const Chart& chart, std::size_t panel);
bool shows_y_ticks(const Chart& chart, std::size_t panel);

std::vector<double> x_ticks(const Chart& chart, std::size_t panel, const PanelPlace& place);
std::vector<double> y_ticks(const Chart& chart, std::size_t panel, const PanelPlace& place);
/// Times the axis' factor.
std::vector<std::string> texts_of(const ChartAxis& axis, const std::vector<double>& ticks);
/// Cut where they are too long.
std::vector<std::string> category_texts(const Chart& chart, const ChartAxis& axis);

/// Cut where it is too long.
std::string panel_title(const ChartPanel& panel, const PanelPlace& place);

ChartPlace place_of(const Chart& chart);

}  // namespace normadd::reporting
