// SPDX-License-Identifier: Apache-2.0
#include "reporting/svg_canvas.h"

#include <fmt/format.h>

#include "reporting/escaping.h"

namespace normadd::reporting {
namespace {

constexpr double kPointsPerInch = 72;

std::string stroke_attributes(const Stroke& stroke) {
  return fmt::format("stroke=\"{}\" stroke-width=\"{}\"{}", stroke.colour, svg_number(stroke.width_pt),
                     stroke.dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", stroke.dash));
}

}  // namespace

std::string svg_number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

void SvgCanvas::line(double x1, double y1, double x2, double y2, const Stroke& stroke) {
  elements_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", svg_number(x1), svg_number(y1),
                           svg_number(x2), svg_number(y2), stroke_attributes(stroke));
}

void SvgCanvas::path(const std::string& path, const Stroke& stroke) {
  if (path.empty()) return;
  elements_ +=
      fmt::format("<path d=\"{}\" fill=\"none\" {} stroke-linejoin=\"round\"/>\n", path, stroke_attributes(stroke));
}

void SvgCanvas::area(const std::string& path, const std::string& colour, double opacity) {
  if (path.empty()) return;
  elements_ += fmt::format("<path d=\"{}\" fill=\"{}\" fill-opacity=\"{}\"/>\n", path, colour, svg_number(opacity));
}

void SvgCanvas::rectangle(double x, double y, double width, double height, const std::string& colour) {
  elements_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", svg_number(x),
                           svg_number(y), svg_number(width), svg_number(height), colour);
}

void SvgCanvas::marker(double x, double y, const std::string& marker, double size_pt, const std::string& colour,
                       double opacity) {
  const std::string fill =
      fmt::format("fill=\"{}\"{}", colour, opacity < 1 ? fmt::format(" fill-opacity=\"{}\"", svg_number(opacity)) : "");
  const double r = size_pt / 2;
  const auto polygon = [&](std::initializer_list<std::pair<double, double>> corners) {
    std::string points;
    for (const auto& [dx, dy] : corners) {
      points += fmt::format("{}{},{}", points.empty() ? "" : " ", svg_number(x + dx * r), svg_number(y + dy * r));
    }
    elements_ += fmt::format("<polygon points=\"{}\" {}/>\n", points, fill);
  };
  if (marker == "s") {
    polygon({{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}});
  } else if (marker == "^") {
    polygon({{0, -1.15}, {1.1, 0.9}, {-1.1, 0.9}});
  } else if (marker == "D") {
    polygon({{0, -1.25}, {1.25, 0}, {0, 1.25}, {-1.25, 0}});
  } else {
    elements_ +=
        fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {}/>\n", svg_number(x), svg_number(y), svg_number(r), fill);
  }
}

void SvgCanvas::text(double x, double y, std::string_view words, const TextStyle& style) {
  std::string more;
  if (style.anchor != "start") more += fmt::format(" text-anchor=\"{}\"", style.anchor);
  if (style.bold) more += " font-weight=\"bold\"";
  if (style.colour != "#000000") more += fmt::format(" fill=\"{}\"", style.colour);
  if (style.upright) more += fmt::format(" transform=\"rotate(-90 {} {})\"", svg_number(x), svg_number(y));
  elements_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\"{}>{}</text>\n", svg_number(x), svg_number(y),
                           svg_number(style.size_pt), more, html_text(words));
}

std::string SvgCanvas::document(double width_pt, double height_pt, const std::string& title) const {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}in\" height=\"{}in\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\">\n<title>{}</title>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
      svg_number(width_pt / kPointsPerInch), svg_number(height_pt / kPointsPerInch), svg_number(width_pt),
      svg_number(height_pt), html_text(title), elements_);
}

}  // namespace normadd::reporting
