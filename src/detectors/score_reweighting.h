// SPDX-License-Identifier: Apache-2.0
// The image score of PatchCore's paper: a patch far from a rare row of the bank counts more than one equally far from a
// row among many.
// Source: arXiv 2106.08265, eq. 7, with m* among its own neighbours, as anomalib computes it:
//   s = (1 - exp d(t, m*) / sum_{m in N_b(m*)} exp d(t, m)) s*,   d Euclidean.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "detectors/nearest_neighbours.h"

namespace normadd::detectors {

/// The factor in front of s*. patch [1, D]: the most anomalous patch t; nearest_row: m*, its nearest row of the bank;
/// num_neighbours: b, of which at most the bank's rows are used. 1 for b = 1, where the formula would give 0.
double score_weight(const NearestNeighbours& neighbours, const at::Tensor& patch, std::int64_t nearest_row,
                    int num_neighbours);

}  // namespace normadd::detectors
