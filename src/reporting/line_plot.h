// SPDX-License-Identifier: Apache-2.0
// Line plots as SVG text: loss curves and the like. Any browser shows them, any editor changes them.
#pragma once

#include <string>
#include <vector>

#include "reporting/axis_scale.h"

namespace normadd::reporting {

struct Series {
  std::string name;  // in the legend
  std::vector<double> x, y;
};

struct LinePlot {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  /// Decades on the y axis; values that are not positive are left out.
  bool log_y = false;
  int width_px = 640, height_px = 400;
};

/// Values that are not finite break their line. Throws InternalError when x and y of a series differ in length.
std::string svg_text(const LinePlot& plot);

}  // namespace normadd::reporting
