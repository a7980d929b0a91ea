// SPDX-License-Identifier: Apache-2.0
// Definitions of AUPRO other than the exact one, kept because published numbers were made with them. All expect both
// classes.
#pragma once

#include "metrics/pixel_scores.h"

namespace normadd::metrics {

/// Source: evaluation code of MVTec 3D-AD (Bergmann et al., arXiv 2112.09045): thresholds are the normal pixels' scores
/// at ranks floor(linspace(0, N - 1, 100)), the rate at rank r is 1 - (r + 1) / N, a region's share counts scores above
/// the threshold. With tied scores the two disagree, which the exact definition does not.
double official_aupro(const PixelSelection& selection, double limit);

/// Source: cflow-ad (Gudovskiy et al., arXiv 2107.12571) as WinCLIP's and APRIL-GAN's evaluations took it over: 200
/// thresholds from the least score in steps of (greatest - least) / 200; of those with a rate below the limit, the
/// rates are stretched to [0, 1]. NaN when fewer than two remain.
double cflow_aupro(const PixelSelection& selection, double limit);

/// Source: anomalib 2.2 metrics/aupro.py (behaviour): for each region the ROC curve of region and background, cut at
/// the limit, is resampled by index to as many points as the global curve has, the curves are averaged, and the area
/// is divided by the mean of the last rates. Can exceed 1. anomalib squashes scores outside [0, 1] by a sigmoid first;
/// this does not. O(regions x normal pixels up to the limit), and 8 bytes more for each of those.
double anomalib_aupro(const PixelSelection& selection, double limit);

}  // namespace normadd::metrics
