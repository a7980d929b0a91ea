// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "core/error.h"
#include "reporting/chart.h"
#include "reporting/chart_marks.h"
#include "reporting/chart_place.h"
#include "reporting/svg_canvas.h"

namespace normadd::reporting {
namespace {

const Stroke kFrame{"#333333", 0.6}, kTick{"#333333", 0.6}, kGrid{"#ebebeb", 0.5};
constexpr double kTickLength_pt = 2.5;

void check(const Chart& chart) {
  for (const auto& panel : chart.panels) {
    for (const auto& series : panel.series) {
      const std::size_t size = series.x.size();
      NORMADD_CHECK(series.y.size() == size, series.name);
      NORMADD_CHECK(series.low.size() == series.high.size() && (series.low.empty() || series.low.size() == size),
                    series.name);
      NORMADD_CHECK(series.kind != SeriesKind::kBins || series.x_high.size() == size, series.name);
      NORMADD_CHECK(series.labels.empty() || series.labels.size() == size, series.name);
    }
  }
}

void draw_frame(const Chart& chart, std::size_t p, const PanelPlace& place, SvgCanvas& canvas) {
  const ChartPanel& panel = chart.panels[p];
  const auto x_at = x_ticks(chart, p, place);
  const auto x_texts = texts_of(x_axis(chart, panel), x_at);
  for (std::size_t i = 0; i < x_at.size(); ++i) {
    const double x = place.x_pt(x_at[i]);
    canvas.line(x, place.top, x, place.bottom(), kGrid);
    canvas.line(x, place.bottom(), x, place.bottom() + kTickLength_pt, kTick);
    if (shows_x_ticks(chart, p)) canvas.text(x, place.bottom() + 9.5, x_texts[i], {kTickSize_pt, "middle"});
  }
  const TextStyle beside{kTickSize_pt, "end"};
  if (place.has_categories) {
    const auto names = category_texts(chart, y_axis(chart, panel));
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double y = place.y_pt(static_cast<double>(i));
      if (shows_y_ticks(chart, p)) canvas.text(place.left - 4, y + 2.4, names[i], beside);
    }
  } else {
    const auto y_at = y_ticks(chart, p, place);
    const auto texts = texts_of(y_axis(chart, panel), y_at);
    for (std::size_t i = 0; i < y_at.size(); ++i) {
      const double y = place.y_pt(y_at[i]);
      canvas.line(place.left, y, place.right(), y, kGrid);
      canvas.line(place.left - kTickLength_pt, y, place.left, y, kTick);
      if (shows_y_ticks(chart, p)) canvas.text(place.left - 4, y + 2.4, texts[i], beside);
    }
  }
  if (!panel.title.empty()) {
    canvas.text((place.left + place.right()) / 2, place.top - 3.5, panel_title(panel, place),
                {kTickSize_pt, "middle", true});
  }
}

void draw_sides(const PanelPlace& place, SvgCanvas& canvas) {
  canvas.line(place.left, place.top, place.left, place.bottom(), kFrame);
  canvas.line(place.left, place.bottom(), place.right(), place.bottom(), kFrame);
}

void draw_legend(const ChartPlace& place, SvgCanvas& canvas) {
  constexpr double kToMiddle_pt = 2.5;
  const auto words = [&](const LegendEntry& entry) {
    canvas.text(entry.left + entry.sign_width + kSignGap_pt, entry.baseline, entry.words, {kTickSize_pt});
  };
  for (const auto& entry : place.legend) {
    draw_sign(*entry.series, entry.left, entry.baseline - kToMiddle_pt, entry.sign_width, canvas);
    words(entry);
  }
  for (const auto& [guide, entry] : place.guides) {
    const double y = entry.baseline - kToMiddle_pt;
    canvas.line(entry.left, y, entry.left + entry.sign_width, y, stroke_of(*guide));
    words(entry);
  }
}

}  // namespace

SeriesStyle series_style(std::size_t place) {
  constexpr std::array kColours{kBlue, kVermilion, kGreen, kPurple, kOrange, kSky, kBlack};
  constexpr std::array kDashes{"", "4 1.5", "1.2 1.5", "5 1.5 1.2 1.5", "2.5 1", "7 2", "1.2 3"};
  constexpr std::array kMarkers{"o", "s", "^", "D"};
  // Dashes and markers change with the colours, so that a print in grey can be read too.
  const std::size_t round = place / kColours.size();
  return {kColours[place % kColours.size()], kDashes[(place + round) % kDashes.size()],
          kMarkers[(place + round) % kMarkers.size()]};
}

std::string svg_text(const Chart& chart, const std::string& title) {
  check(chart);
  const ChartPlace place = place_of(chart);
  SvgCanvas canvas;
  for (std::size_t p = 0; p < chart.panels.size(); ++p) {
    draw_frame(chart, p, place.panels[p], canvas);
    draw_marks(chart.panels[p], place.panels[p], canvas);
    draw_sides(place.panels[p], canvas);
  }
  for (const auto& label : place.labels) {
    TextStyle style{kLabelSize_pt, "middle"};
    style.upright = label.upright;
    canvas.text(label.x, label.y, label.words, style);
  }
  draw_legend(place, canvas);
  return canvas.document(place.width, place.height, title);
}

}  // namespace normadd::reporting
