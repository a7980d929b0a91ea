// SPDX-License-Identifier: Apache-2.0
// What a detector's maps of one category give on the original labels.
#pragma once

#include "core/csv.h"
#include "metrics/pixel_curves.h"

namespace normadd::experiment {

struct OriginalResults {
  core::CsvTable metrics;  // rows of metrics.csv, without what a run adds
  core::CsvTable curves;   // curve (a name of kCurveFiles), x, y
};

/// A curve that a run keeps as curves/NAME.csv: detector, category, false_positive_rate and the column of y.
struct CurveFile {
  const char* name;
  const char* y_column;
};
inline constexpr CurveFile kCurveFiles[] = {{"pro", "per_region_overlap"}, {"pixel_roc", "true_positive_rate"}};

core::CsvTable curve_rows(const metrics::PixelCurves& curves);

}  // namespace normadd::experiment
