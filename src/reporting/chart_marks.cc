// SPDX-License-Identifier: Apache-2.0
#include "reporting/chart_marks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace normadd::reporting {
namespace {

constexpr double kMarker_pt = 3.6, kCloudOpacity = 0.7, kLargestShareOfRow = 0.86;

std::string point(char command, double x, double y) {
  return fmt::format("{}{},{}", command, svg_number(x), svg_number(y));
}

void draw_line(const ChartSeries& series, const PanelPlace& place, SvgCanvas& canvas) {
  std::string path;
  bool pen_is_down = false;
  double last_y = 0;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) {
      pen_is_down = false;
      continue;
    }
    const double x = place.x_pt(series.x[i]), y = place.y_pt(series.y[i]);
    if (pen_is_down && series.kind == SeriesKind::kStep) path += point('L', x, last_y);
    path += point(pen_is_down ? 'L' : 'M', x, y);
    last_y = y;
    pen_is_down = true;
  }
  canvas.path(path, {series.colour, series.width_pt, series.dash});
}

/// A whisker with short ends.
void draw_interval(const ChartSeries& series, std::size_t i, const PanelPlace& place, double across,
                   SvgCanvas& canvas) {
  if (i >= series.low.size() || !std::isfinite(series.low[i]) || !std::isfinite(series.high[i])) return;
  const Stroke stroke{series.kind == SeriesKind::kBars ? kBlack : series.colour, 0.8};
  if (place.has_categories) {
    const double low = place.x_pt(series.low[i]), high = place.x_pt(series.high[i]);
    canvas.line(low, across, high, across, stroke);
    for (const double end : {low, high}) canvas.line(end, across - 1.5, end, across + 1.5, stroke);
    return;
  }
  const double low = place.y_pt(series.low[i]), high = place.y_pt(series.high[i]);
  canvas.line(across, low, across, high, stroke);
  for (const double end : {low, high}) canvas.line(across - 1.5, end, across + 1.5, end, stroke);
}

void draw_points(const ChartSeries& series, const PanelPlace& place, SvgCanvas& canvas) {
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
    const double x = place.x_pt(series.x[i]);
    const double y = place.y_pt(series.y[i]) + (place.has_categories ? series.shift * place.row_height() : 0);
    draw_interval(series, i, place, place.has_categories ? y : x, canvas);
    canvas.marker(x, y, series.marker, kMarker_pt, series.colour, series.low.empty() ? kCloudOpacity : 1);
  }
}

void draw_bars(const ChartSeries& series, const PanelPlace& place, SvgCanvas& canvas) {
  const double thickness = series.thickness * place.row_height();
  const double zero = place.x_pt(std::clamp(0.0, place.x.low, place.x.high));
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!std::isfinite(series.x[i])) continue;
    const double x = place.x_pt(series.x[i]), y = place.y_pt(series.y[i]) + series.shift * place.row_height();
    canvas.rectangle(std::min(x, zero), y - thickness / 2, std::abs(x - zero), thickness, series.colour);
    draw_interval(series, i, place, y, canvas);
  }
}

/// highest: the value that fills a row.
void draw_bins(const ChartSeries& series, const PanelPlace& place, double highest, SvgCanvas& canvas) {
  if (series.x.empty()) return;
  const double floor =
      place.has_categories ? place.top + static_cast<double>(series.row + 1) * place.row_height() : place.y_pt(0);
  const auto height_of = [&](double value) {
    return place.has_categories ? floor - value / highest * kLargestShareOfRow * place.row_height() : place.y_pt(value);
  };
  std::string path = point('M', place.x_pt(series.x[0]), floor);
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    path += point('L', place.x_pt(series.x[i]), height_of(series.y[i]));
    path += point('L', place.x_pt(series.x_high[i]), height_of(series.y[i]));
  }
  path += point('L', place.x_pt(series.x_high.back()), floor);
  if (series.filled) {
    canvas.area(path + "Z", series.colour, 0.75);
  } else {
    canvas.path(path, {series.colour, series.width_pt, series.dash});
  }
}

double highest_of_row(const ChartPanel& panel, std::size_t row) {
  double highest = 0;
  for (const auto& series : panel.series) {
    if (series.kind != SeriesKind::kBins || series.row != row) continue;
    for (const double value : series.y) highest = std::max(highest, value);
  }
  return highest > 0 ? highest : 1;
}

void draw_guide(const Guide& guide, const PanelPlace& place, SvgCanvas& canvas) {
  const Stroke stroke = stroke_of(guide);
  if (guide.kind == Guide::Kind::kVertical) {
    if (guide.at < place.x.low || guide.at > place.x.high) return;
    canvas.line(place.x_pt(guide.at), place.top, place.x_pt(guide.at), place.bottom(), stroke);
  } else if (guide.kind == Guide::Kind::kHorizontal) {
    canvas.line(place.left, place.y_pt(guide.at), place.right(), place.y_pt(guide.at), stroke);
  } else {
    canvas.line(place.left, place.bottom(), place.x_pt(place.y.high), place.top, stroke);
  }
}

}  // namespace

Stroke stroke_of(const Guide& guide) {
  return guide.name.empty() ? Stroke{"#b0b0b0", 0.7, guide.kind == Guide::Kind::kDiagonal ? "2 2" : ""}
                            : Stroke{kBlack, 0.8, "3 2"};
}

void draw_marks(const ChartPanel& panel, const PanelPlace& place, SvgCanvas& canvas) {
  for (const auto& guide : panel.guides) {
    if (guide.name.empty()) draw_guide(guide, place, canvas);
  }
  for (const auto& series : panel.series) {
    switch (series.kind) {
      case SeriesKind::kLine:
      case SeriesKind::kStep:
        draw_line(series, place, canvas);
        if (series.shows_markers) draw_points(series, place, canvas);
        break;
      case SeriesKind::kPoints:
        draw_points(series, place, canvas);
        break;
      case SeriesKind::kBars:
        draw_bars(series, place, canvas);
        break;
      case SeriesKind::kBins:
        draw_bins(series, place, highest_of_row(panel, series.row), canvas);
    }
  }
  for (const auto& guide : panel.guides) {
    if (!guide.name.empty()) draw_guide(guide, place, canvas);
  }
}

void draw_sign(const ChartSeries& series, double left, double middle, double width, SvgCanvas& canvas) {
  const double centre = left + width / 2;
  if (series.kind == SeriesKind::kPoints) {
    canvas.marker(centre, middle, series.marker, kMarker_pt, series.colour);
  } else if (series.kind == SeriesKind::kBars || (series.kind == SeriesKind::kBins && series.filled)) {
    canvas.rectangle(centre - 5, middle - 2.5, 10, 5, series.colour);
  } else {
    canvas.line(left, middle, left + width, middle, {series.colour, std::max(1.2, series.width_pt), series.dash});
    if (series.shows_markers) canvas.marker(centre, middle, series.marker, kMarker_pt, series.colour);
  }
}

}  // namespace normadd::reporting
