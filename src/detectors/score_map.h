// SPDX-License-Identifier: Apache-2.0
// From one score per patch to an anomaly map: brought to the picture's size, then blurred.
// Sources: amazon-science/patchcore-inspection src/patchcore/common.py, RescaleSegmentor (bilinear, SciPy's Gaussian);
// anomalib models/image/patchcore/anomaly_map.py (nearest, the same 33 taps with torch's "reflect" border).
#pragma once

#include <optional>

#include "imaging/gaussian.h"
#include "imaging/image.h"

namespace normadd::detectors {

enum class Upsampling { kBilinear, kNearest };

struct ScoreMapOptions {
  Upsampling upsampling = Upsampling::kBilinear;  // both as torch's interpolate, align_corners false
  std::optional<double> blur_sigma_px = 4.0;      // of the finished map; empty = none
  imaging::Border blur_border = imaging::Border::kReflect;
};

imaging::Map score_map(const imaging::Map& patch_scores, imaging::Size size, const ScoreMapOptions& options);

}  // namespace normadd::detectors
