// SPDX-License-Identifier: Apache-2.0
#include "reporting/chart_place.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "reporting/text_extent.h"

namespace normadd::reporting {
namespace {

constexpr double kPointsPerInch = 72, kEdge_pt = 6, kGap_pt = 16, kTickGap_pt = 4, kTitleRoom_pt = 12,
                 kRoomOfTicks_pt = 12, kRoomOfLabel_pt = 12, kLegendLine_pt = 11, kLegendGap_pt = 9, kLegendRoom_pt = 4;

Range x_range(const Chart& chart, const std::vector<const ChartPanel*>& panels, const ChartAxis& axis) {
  Range range;
  bool padded = !chart.y.categories.empty();
  bool from_zero = false;
  for (const auto* panel : panels) {
    for (const auto& series : panel->series) {
      for (const double x : series.x) range.add(x);
      for (const double x : series.x_high) range.add(x);
      if (!chart.y.categories.empty()) {
        for (const double value : series.low) range.add(value);
        for (const double value : series.high) range.add(value);
      }
      padded = padded || series.kind == SeriesKind::kPoints || series.shows_markers;
      from_zero = from_zero || series.kind == SeriesKind::kBars;
    }
    for (const auto& guide : panel->guides) {
      if (guide.kind == Guide::Kind::kVertical) range.add(guide.at);
    }
  }
  if (from_zero) range.add(0);
  const Range data = range.drawable();
  range = padded ? data.widened(0.05) : data;
  if (from_zero && data.low == 0) range.low = 0;
  if (from_zero && data.high == 0) range.high = 0;
  return Range(axis.low.value_or(range.low), axis.high.value_or(range.high)).drawable();
}

Range y_range(const std::vector<const ChartPanel*>& panels, const ChartAxis& axis) {
  Range range;
  for (const auto* panel : panels) {
    for (const auto& series : panel->series) {
      for (const auto* values : {&series.y, &series.low, &series.high}) {
        for (const double value : *values) range.add(value);
      }
    }
    for (const auto& guide : panel->guides) {
      if (guide.kind == Guide::Kind::kHorizontal) range.add(guide.at);
    }
  }
  range = range.drawable().widened(0.06);
  return Range(axis.low.value_or(range.low), axis.high.value_or(range.high)).drawable();
}

std::vector<const ChartPanel*> sharing(const Chart& chart, const ChartPanel& panel, bool of_x) {
  if (of_x ? panel.x.has_value() : panel.y.has_value()) return {&panel};
  std::vector<const ChartPanel*> panels;
  for (const auto& other : chart.panels) {
    if (!(of_x ? other.x : other.y)) panels.push_back(&other);
  }
  return panels;
}

double widest(const std::vector<std::string>& texts, double size_pt) {
  double width = 0;
  for (const auto& text : texts) width = std::max(width, text_width_pt(text, size_pt));
  return width;
}

double sign_width(const ChartSeries& series) {
  if (series.kind == SeriesKind::kPoints) return kSmallSign_pt;
  const bool is_area = series.kind == SeriesKind::kBars || (series.kind == SeriesKind::kBins && series.filled);
  return is_area ? kAreaSign_pt : kSign_pt;
}

/// Lays names out in lines from the left; returns the height that they take.
double place_legend(const Chart& chart, ChartPlace& place) {
  std::set<std::string> known;
  double x = kEdge_pt, baseline = kEdge_pt + kTickSize_pt;
  const auto entry = [&](const std::string& name, double sign_width) {
    const std::string words = shortened(name, place.width - 2 * kEdge_pt - sign_width - kSignGap_pt, kTickSize_pt);
    const double width = sign_width + kSignGap_pt + text_width_pt(words, kTickSize_pt);
    if (x > kEdge_pt && x + width > place.width - kEdge_pt) {
      x = kEdge_pt;
      baseline += kLegendLine_pt;
    }
    const LegendEntry made{nullptr, x, baseline, sign_width, words};
    x += width + kLegendGap_pt;
    return made;
  };
  for (const auto& panel : chart.panels) {
    for (const auto& series : panel.series) {
      if (!series.in_legend || series.name.empty() || !known.insert(series.name).second) continue;
      place.legend.push_back(entry(series.name, sign_width(series)));
      place.legend.back().series = &series;
    }
  }
  for (const auto& panel : chart.panels) {
    for (const auto& guide : panel.guides) {
      if (!guide.name.empty() && known.insert(guide.name).second)
        place.guides.emplace_back(&guide, entry(guide.name, kSign_pt));
    }
  }
  // One name alone tells nothing apart.
  if (place.legend.size() + place.guides.size() < 2) {
    place.legend.clear();
    place.guides.clear();
    return kEdge_pt;
  }
  return baseline + kLegendRoom_pt;
}

/// Below (left of) the panels' middle, but within the picture.
void place_labels(const Chart& chart, ChartPlace& place) {
  if (place.panels.empty()) return;
  const auto within = [](double middle, const std::string& words, double end) {
    const double half = text_width_pt(words, kLabelSize_pt) / 2;
    return std::max(kEdge_pt + half, std::min(middle, end - kEdge_pt - half));
  };
  const PanelPlace& first = place.panels.front();
  if (!chart.x.label.empty()) {
    const std::string words = shortened(chart.x.label, place.width - 2 * kEdge_pt, kLabelSize_pt);
    const PanelPlace& last = place.panels[std::min(place.panels.size(), static_cast<std::size_t>(chart.columns)) - 1];
    place.labels.push_back(
        {within((first.left + last.right()) / 2, words, place.width), place.height - 5, false, words});
  }
  if (!chart.y.label.empty()) {
    const std::string words = shortened(chart.y.label, place.height - 2 * kEdge_pt, kLabelSize_pt);
    place.labels.push_back(
        {12, within((first.top + place.panels.back().bottom()) / 2, words, place.height), true, words});
  }
}

}  // namespace

double PanelPlace::y_pt(double value) const {
  if (has_categories) return top + (value + 0.5) * row_height();
  return bottom() - (value - y.low) / (y.high - y.low) * height;
}

const ChartAxis& x_axis(const Chart& chart, const ChartPanel& panel) { return panel.x ? *panel.x : chart.x; }
const ChartAxis& y_axis(const Chart& chart, const ChartPanel& panel) { return panel.y ? *panel.y : chart.y; }

bool shows_x_ticks(const Chart& chart, std::size_t panel) {
  return chart.panels[panel].x || panel + static_cast<std::size_t>(chart.columns) >= chart.panels.size();
}
bool shows_y_ticks(const Chart& chart, std::size_t panel) {
  return chart.panels[panel].y || panel % static_cast<std::size_t>(chart.columns) == 0;
}

std::vector<std::string> texts_of(const ChartAxis& axis, const std::vector<double>& ticks) {
  std::vector<double> shown;
  for (const double tick : ticks) shown.push_back(tick * axis.factor);
  return tick_texts(shown);
}

std::vector<double> x_ticks(const Chart& chart, std::size_t panel, const PanelPlace& place) {
  const ChartAxis& axis = x_axis(chart, chart.panels[panel]);
  std::vector<double> ticks;
  for (int count = std::max(2, static_cast<int>(place.width / 22)); count >= 1; --count) {
    ticks = round_ticks(place.x.low * axis.factor, place.x.high * axis.factor, count);
    const double room =
        ticks.size() > 1 ? (ticks[1] - ticks[0]) / axis.factor / (place.x.high - place.x.low) * place.width : 1e9;
    if (widest(tick_texts(ticks), kTickSize_pt) + 5 <= room) break;
  }
  for (double& tick : ticks) tick /= axis.factor;
  return ticks;
}

std::vector<double> y_ticks(const Chart& chart, std::size_t panel, const PanelPlace& place) {
  const ChartAxis& axis = y_axis(chart, chart.panels[panel]);
  auto ticks = round_ticks(place.y.low * axis.factor, place.y.high * axis.factor,
                           std::max(2, static_cast<int>(place.height / 24)));
  for (double& tick : ticks) tick /= axis.factor;
  return ticks;
}

std::vector<std::string> category_texts(const Chart& chart, const ChartAxis& axis) {
  const double room = chart.width_in * kPointsPerInch / chart.columns * 0.45;
  std::vector<std::string> texts;
  for (const auto& category : axis.categories) texts.push_back(shortened(category, room, kTickSize_pt));
  return texts;
}

std::string panel_title(const ChartPanel& panel, const PanelPlace& place) {
  return shortened(panel.title, place.width, kTickSize_pt);
}

ChartPlace place_of(const Chart& chart) {
  ChartPlace place;
  place.width = chart.width_in * kPointsPerInch;
  const auto columns = static_cast<std::size_t>(chart.columns);
  const bool has_titles =
      std::any_of(chart.panels.begin(), chart.panels.end(), [](const auto& one) { return !one.title.empty(); });
  double y = place_legend(chart, place);
  place.panels.resize(chart.panels.size());
  bool own_x = false, own_y = false;
  for (std::size_t p = 0; p < chart.panels.size(); ++p) {
    const ChartPanel& panel = chart.panels[p];
    const ChartAxis& axis = y_axis(chart, panel);
    PanelPlace& one = place.panels[p];
    one.has_categories = !axis.categories.empty();
    one.num_categories = axis.categories.size();
    one.height = chart.panel_height_pt;
    one.x = x_range(chart, sharing(chart, panel, true), x_axis(chart, panel));
    one.y = y_range(sharing(chart, panel, false), axis);
    own_x = own_x || panel.x.has_value();
    own_y = own_y || panel.y.has_value();
  }
  std::vector<double> room_of_column(columns, 0);
  for (std::size_t p = 0; p < chart.panels.size(); ++p) {
    if (!shows_y_ticks(chart, p)) continue;
    const ChartAxis& axis = y_axis(chart, chart.panels[p]);
    const auto texts = place.panels[p].has_categories ? category_texts(chart, axis)
                                                      : texts_of(axis, y_ticks(chart, p, place.panels[p]));
    room_of_column[p % columns] = std::max(room_of_column[p % columns], widest(texts, kTickSize_pt) + kTickGap_pt + 1);
  }
  double room = chart.y.label.empty() ? kEdge_pt : kRoomOfLabel_pt + kEdge_pt;
  for (const double one : room_of_column) room += one;
  const double width =
      (place.width - room - 2 * kEdge_pt - kGap_pt * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  double x = chart.y.label.empty() ? kEdge_pt : kRoomOfLabel_pt + kEdge_pt;
  std::vector<double> lefts;
  for (std::size_t c = 0; c < columns; ++c) {
    lefts.push_back(x + room_of_column[c]);
    x += room_of_column[c] + width + kGap_pt;
  }
  const std::size_t num_rows = (chart.panels.size() + columns - 1) / columns;
  for (std::size_t row = 0; row < num_rows; ++row) {
    y += has_titles ? kTitleRoom_pt + (row > 0 ? 4 : 0) : 2;
    bool has_ticks = false;
    for (std::size_t p = row * columns; p < std::min(chart.panels.size(), (row + 1) * columns); ++p) {
      place.panels[p].left = lefts[p % columns];
      place.panels[p].top = y;
      place.panels[p].width = width;
      has_ticks = has_ticks || shows_x_ticks(chart, p);
    }
    y += chart.panel_height_pt + (has_ticks ? kRoomOfTicks_pt : 6);
  }
  place.height = y + (chart.x.label.empty() ? 0 : kRoomOfLabel_pt) + kEdge_pt;
  place_labels(chart, place);
  return place;
}

}  // namespace normadd::reporting
