// SPDX-License-Identifier: Apache-2.0
#include "reporting/line_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "reporting/axis_scale.h"
#include "reporting/chart.h"
#include "reporting/escaping.h"

namespace normadd::reporting {
namespace {

constexpr int kLeft_px = 64, kRight_px = 20, kTop_px = 40, kBottom_px = 50;
constexpr int kLegendLine_px = 18;

class Canvas {
 public:
  explicit Canvas(const LinePlot& plot) : plot_(plot) {
    for (const auto& series : plot.series) {
      NORMADD_CHECK(series.x.size() == series.y.size(), series.name);
      for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (!is_shown(series.x[i], series.y[i])) continue;
        x_.add(series.x[i]);
        y_.add(height_of(series.y[i]));
      }
    }
    x_ = x_.drawable();
    y_ = y_.drawable();
  }

  std::string draw() {
    text_ += fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
        plot_.width_px, plot_.height_px);
    label(plot_.width_px / 2.0, 22, "middle", plot_.title, " font-size=\"15\"");
    draw_axes();
    for (std::size_t i = 0; i < plot_.series.size(); ++i) draw_series(i);
    if (plot_.series.size() > 1) draw_legend();
    return text_ + "</svg>\n";
  }

 private:
  bool is_shown(double x, double y) const { return std::isfinite(x) && std::isfinite(y) && (!plot_.log_y || y > 0); }
  double height_of(double y) const { return plot_.log_y ? std::log10(y) : y; }

  double right() const { return plot_.width_px - kRight_px; }
  double bottom() const { return plot_.height_px - kBottom_px; }
  double x_px(double x) const { return kLeft_px + (x - x_.low) / (x_.high - x_.low) * (right() - kLeft_px); }
  /// height: in units of the axis, i.e. a logarithm on a logarithmic axis.
  double y_px(double height) const { return bottom() - (height - y_.low) / (y_.high - y_.low) * (bottom() - kTop_px); }

  void label(double x, double y, const char* anchor, const std::string& words, const std::string& more = "") {
    text_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                         html_text(words));
  }
  void line(double x1, double y1, double x2, double y2, const std::string& colour, double width) {
    text_ += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"/>\n", x1, y1,
        x2, y2, colour, width);
  }

  /// In units of the axis.
  std::vector<double> y_ticks() const {
    if (!plot_.log_y) return round_ticks(y_.low, y_.high, 6);
    std::vector<double> heights;
    const bool many_decades = y_.high - y_.low >= 3;
    for (double decade = std::floor(y_.low); decade <= y_.high; ++decade) {
      for (const double multiple : {1.0, 2.0, 5.0}) {
        const double height = decade + std::log10(multiple);
        if (height >= y_.low && height <= y_.high && (multiple == 1.0 || !many_decades)) heights.push_back(height);
      }
    }
    return heights;
  }

  void draw_axes() {
    for (const double tick : y_ticks()) {
      const double y = y_px(tick);
      line(kLeft_px, y, right(), y, "#e4e4e4", 1);
      label(kLeft_px - 8, y + 4, "end", fmt::format("{:.6g}", plot_.log_y ? std::pow(10, tick) : tick));
    }
    for (const double tick : round_ticks(x_.low, x_.high, 7)) {
      const double x = x_px(tick);
      line(x, bottom(), x, bottom() + 5, "#333333", 1);
      label(x, bottom() + 19, "middle", fmt::format("{:.6g}", tick));
    }
    line(kLeft_px, kTop_px, kLeft_px, bottom(), "#333333", 1);
    line(kLeft_px, bottom(), right(), bottom(), "#333333", 1);
    label((kLeft_px + right()) / 2, plot_.height_px - 12, "middle", plot_.x_label);
    const double middle = (kTop_px + bottom()) / 2;
    label(16, middle, "middle", plot_.y_label, fmt::format(" transform=\"rotate(-90 16 {:.1f})\"", middle));
  }

  void draw_series(std::size_t index) {
    const Series& series = plot_.series[index];
    std::string path;
    bool pen_is_down = false;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      const bool shown = is_shown(series.x[i], series.y[i]);
      if (shown) {
        path +=
            fmt::format("{}{:.2f},{:.2f} ", pen_is_down ? 'L' : 'M', x_px(series.x[i]), y_px(height_of(series.y[i])));
      }
      pen_is_down = shown;
    }
    if (path.empty()) return;
    path.pop_back();
    text_ += fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\" stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\"/>\n",
        path, colour(index));
  }

  void draw_legend() {
    std::size_t longest = 0;
    for (const auto& series : plot_.series) longest = std::max(longest, series.name.size());
    const double left = right() - 7.0 * static_cast<double>(longest) - 36;
    text_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"white\" fill-opacity=\"0.85\"/>\n", left - 6,
        kTop_px, right() - left + 6, kLegendLine_px * static_cast<int>(plot_.series.size()) + 6);
    for (std::size_t i = 0; i < plot_.series.size(); ++i) {
      const double y = kTop_px + kLegendLine_px * (static_cast<double>(i) + 0.75);
      line(left, y - 4, left + 22, y - 4, colour(i), 2.4);
      label(left + 28, y, "start", plot_.series[i].name);
    }
  }

  static std::string colour(std::size_t index) { return series_style(index).colour; }

  const LinePlot& plot_;
  Range x_, y_;
  std::string text_;
};

}  // namespace

std::string svg_text(const LinePlot& plot) { return Canvas(plot).draw(); }

}  // namespace normadd::reporting
