// SPDX-License-Identifier: Apache-2.0
// Every pixel metric of a choice of pixels in one go.
#pragma once

#include <cstddef>

#include "metrics/aupro_options.h"
#include "metrics/pixel_scores.h"

namespace normadd::metrics {

/// In [0, 1] (AuproVariant::kAnomalib may exceed 1); NaN where undefined: one class is missing, or a legacy definition
/// finds fewer than two thresholds below its limit.
struct PixelMetrics {
  double auroc = 0, average_precision = 0, f1_max = 0, aupro = 0;
  std::size_t num_normal = 0, num_anomalous = 0, num_regions = 0;
};

/// Exact with ties; O(n) once the pixels are sorted. Throws ConfigError for a limit outside (0, 1].
PixelMetrics pixel_metrics(const PixelSelection& selection, const AuproOptions& aupro);

/// One definition of AUPRO alone; NaN for AuproVariant::kNone.
double aupro(const PixelSelection& selection, const AuproOptions& options);

}  // namespace normadd::metrics
