// SPDX-License-Identifier: Apache-2.0
#include "metrics/pixel_curves.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::metrics {

CurveKeeper::CurveKeeper(double x_end, double resolution) : x_end_(x_end), resolution_(resolution) { keep(0, 0); }

void CurveKeeper::keep(double x, double y) {
  curve_.x.push_back(x);
  curve_.y.push_back(y);
}

double CurveKeeper::progress(double x, double y) const { return (x - curve_.x.back()) / x_end_ + y - curve_.y.back(); }

void CurveKeeper::add(double x, double y) {
  if (last_x_ >= x_end_) return;
  if (x > x_end_) {
    y = last_y_ + (x_end_ - last_x_) / (x - last_x_) * (y - last_y_);
    x = x_end_;
  }
  if (progress(x, y) >= resolution_) {
    // A long straight piece begins where it begins, not at the last point that was kept.
    const bool is_long = (x - last_x_) / x_end_ + y - last_y_ >= resolution_ / 2;
    if (is_long && progress(last_x_, last_y_) > 0) keep(last_x_, last_y_);
    keep(x, y);
  }
  last_x_ = x;
  last_y_ = y;
}

PixelCurve CurveKeeper::finished() {
  if (progress(last_x_, last_y_) > 0) keep(last_x_, last_y_);
  return std::move(curve_);
}

PixelCurveSums::PixelCurveSums(const PixelSelection& selection, double aupro_limit, double resolution)
    : num_normal_(static_cast<double>(selection.num_normal)),
      num_anomalous_(static_cast<double>(selection.num_anomalous)),
      num_regions_(static_cast<double>(selection.regions.size())),
      roc_(1, resolution),
      pro_(aupro_limit, resolution) {}

void PixelCurveSums::add(const ThresholdStep& step) {
  normal_ += static_cast<double>(step.normal);
  anomalous_ += static_cast<double>(step.anomalous);
  overlap_ = std::min(overlap_ + step.regions, num_regions_);  // sums of 1 / size exceed it by rounding
  const double rate = normal_ / num_normal_;
  roc_.add(rate, anomalous_ / num_anomalous_);
  pro_.add(rate, overlap_ / num_regions_);
}

PixelCurves PixelCurveSums::finished() { return {roc_.finished(), pro_.finished()}; }

PixelCurves pixel_curves(const PixelSelection& selection, double aupro_limit, double resolution) {
  if (!(aupro_limit > 0 && aupro_limit <= 1)) {
    throw core::ConfigError(fmt::format("PRO cannot be drawn up to {}", aupro_limit), "metrics.aupro_limit",
                            "Give a false positive rate above 0 and at most 1, e.g. 0.3.");
  }
  if (!selection.has_both_classes()) return {};
  PixelCurveSums sums(selection, aupro_limit, resolution);
  ThresholdWalk walk(selection);
  for (ThresholdStep step; walk.next(step);) sums.add(step);
  return sums.finished();
}

}  // namespace normadd::metrics
