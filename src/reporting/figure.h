// SPDX-License-Identifier: Apache-2.0
// A finished figure: the picture, and the numbers it shows.
#pragma once

#include <string>

#include "core/csv.h"

namespace normadd::reporting {

struct Figure {
  /// File name without an ending: letters, digits, '_', '-' and '.', safe as a path and as an HTML id's end.
  std::string name;
  std::string title;
  /// What it shows and how to read it, one to three sentences. Plain text, not escaped.
  std::string caption;
  /// One complete <svg> element without an XML declaration: self-contained, no scripts, no ids, texts escaped. Its size
  /// is in inches with a viewBox in points, so that CSS may scale it.
  std::string svg;
  /// Everything that is drawn, unrounded, one row per point: the chart's panel, its series, x, y and interval bounds,
  /// under names that say what they are.
  core::CsvTable points;
  /// A JSON object for programs that draw the points anew: kind, axes, labels, colours (docs/figures.md).
  std::string drawing;
};

}  // namespace normadd::reporting
