// SPDX-License-Identifier: Apache-2.0
// Fuses every cell of a category in one pass over its images; only scores are kept, and what the panels need.
#pragma once

#include <functional>
#include <vector>

#include "datasets/dataset.h"
#include "experiment/evaluation_plan.h"
#include "experiment/job.h"
#include "experiment/tested_images.h"
#include "metrics/pixel.h"
#include "normality/normality_detector.h"

namespace normadd::experiment {

struct CellScores {
  std::vector<std::vector<std::vector<double>>> after;  // [pair][cell][image]
  // Filled with metrics.pixel_pairs only.
  std::vector<metrics::BinnedPixelAuroc> pixel_before;              // [pair]
  std::vector<std::vector<metrics::BinnedPixelAuroc>> pixel_after;  // [pair][cell]
};

/// Sees A_sup (in A's geometry) and A_final of the first cell of each pair, image by image.
using PanelObserver = std::function<void(std::size_t pair, std::size_t image, const imaging::Map& suppression,
                                         const imaging::Map& fused)>;

/// scale: see normality::fuse. normality_detector has encoded plan.texts.
CellScores fuse_cells(const datasets::Category& category, const EvaluationPlan& plan, const TestedImages& tested,
                      const Job& job, const normality::NormalityDetector& normality_detector, double scale,
                      const PanelObserver& observer);

}  // namespace normadd::experiment
