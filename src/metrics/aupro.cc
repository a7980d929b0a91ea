// SPDX-License-Identifier: Apache-2.0
#include "metrics/aupro.h"

#include <fmt/format.h>

#include <limits>

#include "core/error.h"
#include "metrics/legacy_aupro.h"
#include "metrics/threshold_walk.h"

namespace normadd::metrics {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

PixelMetricSums sums_of(const PixelSelection& selection, double limit) {
  if (!(limit > 0 && limit <= 1)) {
    throw core::ConfigError(fmt::format("AUPRO cannot be integrated up to {}", limit), "metrics.aupro_limit",
                            "Give a false positive rate above 0 and at most 1, e.g. 0.3.");
  }
  PixelMetricSums sums(selection.num_normal, selection.num_anomalous, selection.regions.size(), limit);
  ThresholdWalk walk(selection);
  for (ThresholdStep step; walk.next(step);) sums.add(step);
  return sums;
}

double legacy_aupro(const PixelSelection& selection, const AuproOptions& options) {
  if (!selection.has_both_classes()) return kUndefined;
  switch (options.variant) {
    case AuproVariant::kOfficial:
      return official_aupro(selection, options.limit);
    case AuproVariant::kCflow:
      return cflow_aupro(selection, options.limit);
    case AuproVariant::kAnomalib:
      return anomalib_aupro(selection, options.limit);
    default:
      return kUndefined;
  }
}

}  // namespace

PixelMetrics pixel_metrics(const PixelSelection& selection, const AuproOptions& options) {
  const PixelMetricSums sums = sums_of(selection, options.limit);
  return {sums.auroc(),
          sums.average_precision(),
          sums.f1_max(),
          options.variant == AuproVariant::kExact ? sums.aupro() : legacy_aupro(selection, options),
          selection.num_normal,
          selection.num_anomalous,
          selection.regions.size()};
}

double aupro(const PixelSelection& selection, const AuproOptions& options) {
  return pixel_metrics(selection, options).aupro;
}

}  // namespace normadd::metrics
