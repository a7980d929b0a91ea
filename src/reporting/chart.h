// SPDX-License-Identifier: Apache-2.0
// Charts for papers as data, and their views: a picture, the points as a table, a description for other programs.
// Sizes are those of a two-column paper: 3.3 inches for one column, 6.9 for both, letters of 8 points.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/csv.h"
#include "reporting/figure.h"

namespace normadd::reporting {

// Okabe and Ito's colours: distinct to colour-blind readers, and in grey.
inline constexpr const char* kBlue = "#0072b2";
inline constexpr const char* kVermilion = "#d55e00";
inline constexpr const char* kGreen = "#009e73";
inline constexpr const char* kPurple = "#cc79a7";
inline constexpr const char* kOrange = "#e69f00";
inline constexpr const char* kSky = "#56b4e9";
inline constexpr const char* kBlack = "#000000";
inline constexpr const char* kGrey = "#8c8c8c";

// The same in every figure.
inline constexpr const char* kBeforeColour = kGrey;
inline constexpr const char* kAfterColour = kBlue;

/// Of the series at that place among its like; begins again after the last colour, with other dashes and markers.
struct SeriesStyle {
  std::string colour, dash, marker;
};
SeriesStyle series_style(std::size_t place);

enum class SeriesKind {
  kLine,
  kStep,    // y holds from its x to the next
  kPoints,  // with intervals where there are some
  kBars,    // along x from zero, on categories
  kBins,    // y over [x, x_high]; on categories: a small histogram in the row of one of them
};

struct ChartSeries {
  std::string name;  // in legend and CSV
  SeriesKind kind = SeriesKind::kLine;
  std::vector<double> x, y;  // NaN breaks a line; y is the number of its category where there are some
  /// Interval of each value: of x on categories, else of y; empty = none, NaN = none here.
  std::vector<double> low = {}, high = {};
  std::vector<double> x_high = {};                      // kBins
  std::size_t row = 0;                                  // kBins on categories
  std::vector<std::vector<std::string>> labels = {};    // per point: what Chart::label_columns name; for the CSV
  std::string colour = kBlue, dash = "", marker = "o";  // dash as in SVG; marker: o, s, ^, D
  double width_pt = 1.2;
  bool filled = true;          // kBins: an area instead of an outline
  bool shows_markers = false;  // kLine: and intervals
  bool in_legend = true;
  double shift = 0;        // on categories: downwards from the middle, in parts of a category's room
  double thickness = 0.7;  // kBars: of that room
};

/// A line across the panel, without points: zero, chance, a threshold.
struct Guide {
  enum class Kind { kVertical, kHorizontal, kDiagonal } kind = Kind::kHorizontal;
  double at = 0;
  std::string name;  // in legend and CSV; empty = neither
};

struct ChartAxis {
  std::string label;                          // for people
  std::string column;                         // in the CSV
  std::optional<double> low = {}, high = {};  // else what the data take
  double factor = 1;                          // of tick labels: 100 for percent
  std::vector<std::string> categories = {};   // y only: names in place of numbers, the first on top
};

struct ChartPanel {
  std::string title;
  std::vector<ChartSeries> series;
  std::vector<Guide> guides = {};
  std::optional<ChartAxis> x = {}, y = {};  // instead of the chart's
};

struct Chart {
  std::string kind;  // "roc", ...: for programs
  ChartAxis x, y;
  std::vector<ChartPanel> panels;
  int columns = 1;  // of panels
  double width_in = 3.3;
  double panel_height_pt = 130;             // without labels
  std::string panel_column, series_column;  // in the CSV; empty = not there
  std::vector<std::string> label_columns = {};
  std::string bin_column = {};  // of kBins on categories: what their heights are
};

/// One <svg> element; the same chart gives the same bytes. Throws InternalError for series of uneven lengths.
std::string svg_text(const Chart& chart, const std::string& title);
/// What is drawn, unrounded: panel, series, labels, x, y and, where there are some, _high of bins and the interval's
/// _low and _high. Undefined values are empty.
core::CsvTable chart_points(const Chart& chart);
/// JSON: kind, size, axes, panels with the columns and style of each series (docs/figures.md).
std::string chart_drawing(const Chart& chart);

/// All of it. name comes from data at times: it is made safe.
Figure figure_of(const std::string& name, const std::string& title, const std::string& caption, const Chart& chart);

}  // namespace normadd::reporting
