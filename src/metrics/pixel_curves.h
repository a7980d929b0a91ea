// SPDX-License-Identifier: Apache-2.0
// The curves behind pixel AUROC and AUPRO, in few points.
#pragma once

#include <vector>

#include "metrics/threshold_walk.h"

namespace normadd::metrics {

/// Straight between its points, both coordinates in [0, 1], ascending.
struct PixelCurve {
  std::vector<double> x, y;
};

/// Follows a curve point by point and keeps those that tell its shape: a point whenever it has gone on by resolution
/// (x as a share of x_end, plus y), at most 4 / resolution of them, and both ends. All are exact. resolution 0: all.
class CurveKeeper {
 public:
  CurveKeeper(double x_end, double resolution);
  /// The curve goes straight from its last point (at first (0, 0)) to this one; what lies beyond x_end is cut off.
  void add(double x, double y);
  PixelCurve finished();

 private:
  void keep(double x, double y);
  double progress(double x, double y) const;

  double x_end_, resolution_;
  double last_x_ = 0, last_y_ = 0;
  PixelCurve curve_;
};

/// ROC of pixels, and PRO (mean over regions of the share found) up to AUPRO's limit, over the false positive rate.
struct PixelCurves {
  PixelCurve roc, pro;
};

/// About 100 points a curve.
inline constexpr double kCurveResolution = 0.02;

/// Takes the steps of a walk over a selection that has both classes.
class PixelCurveSums {
 public:
  PixelCurveSums(const PixelSelection& selection, double aupro_limit, double resolution);
  void add(const ThresholdStep& step);
  PixelCurves finished();

 private:
  double num_normal_, num_anomalous_, num_regions_;
  double normal_ = 0, anomalous_ = 0, overlap_ = 0;
  CurveKeeper roc_, pro_;
};

/// Empty curves when one class is missing. Throws ConfigError for a limit outside (0, 1].
PixelCurves pixel_curves(const PixelSelection& selection, double aupro_limit, double resolution = kCurveResolution);

}  // namespace normadd::metrics
