// SPDX-License-Identifier: Apache-2.0
// S-AUROC: did the scores of the same images go down?
// Source: arXiv 2604.07097: labels 1 for the scores before, 0 for the scores after, unpaired, no normalisation.
#pragma once

#include <span>

namespace normadd::metrics {

/// P(before > after) + P(equal)/2 over all pairs of images. 0.5 = nothing changed, 1 = every score after lies below
/// every score before. NaN without images. Throws DataError for non-finite scores.
double s_auroc(std::span<const double> before, std::span<const double> after);

}  // namespace normadd::metrics
