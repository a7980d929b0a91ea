// SPDX-License-Identifier: Apache-2.0
// The series of a chart as shapes.
#pragma once

#include "reporting/chart.h"
#include "reporting/chart_place.h"
#include "reporting/svg_canvas.h"

namespace normadd::reporting {

/// All series and guides of a panel, guides behind.
void draw_marks(const ChartPanel& panel, const PanelPlace& place, SvgCanvas& canvas);
/// The series' sign in the legend.
void draw_sign(const ChartSeries& series, double left, double middle, double width, SvgCanvas& canvas);
Stroke stroke_of(const Guide& guide);

}  // namespace normadd::reporting
