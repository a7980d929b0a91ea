// SPDX-License-Identifier: Apache-2.0
// SVG elements as text, with few and fixed digits so that equal pictures have equal bytes.
#pragma once

#include <string>
#include <string_view>

namespace normadd::reporting {

struct Stroke {
  std::string colour;
  double width_pt = 1;
  std::string dash = "";
};

struct TextStyle {
  double size_pt = 7;
  std::string anchor = "start";  // start, middle, end
  bool bold = false;
  bool upright = false;  // turned by 90 degrees, to be read from the right
  std::string colour = "#000000";
};

class SvgCanvas {
 public:
  void line(double x1, double y1, double x2, double y2, const Stroke& stroke);
  /// path: as in SVG's d.
  void path(const std::string& path, const Stroke& stroke);
  void area(const std::string& path, const std::string& colour, double opacity);
  void rectangle(double x, double y, double width, double height, const std::string& colour);
  /// marker: o, s, ^ or D, about size_pt wide.
  void marker(double x, double y, const std::string& marker, double size_pt, const std::string& colour,
              double opacity = 1);
  /// y: the baseline. words: plain text.
  void text(double x, double y, std::string_view words, const TextStyle& style);

  /// The whole picture, on white.
  std::string document(double width_pt, double height_pt, const std::string& title) const;

 private:
  std::string elements_;
};

/// "12.5", "3": two decimals at most.
std::string svg_number(double value);

}  // namespace normadd::reporting
