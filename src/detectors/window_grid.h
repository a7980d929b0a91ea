// SPDX-License-Identifier: Apache-2.0
// Square windows over a grid of cells, and how the scores of the windows that cover a cell become the cell's score.
// Source: Jeong et al., arXiv 2303.14814 (WinCLIP), section 4.2: harmonic mean, so that one confident "normal" wins.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace normadd::detectors {

/// Windows of side x side cells on a side_cells x side_cells grid, stride 1, row by row: [M, side * side] int64, cells
/// counted row by row from 0. 1 <= side <= side_cells.
at::Tensor window_cells(std::int64_t side_cells, std::int64_t side);

/// windows [M, K]; scores M values >= 0. For every cell n / sum(1 / s) over the n windows that cover it, in double
/// precision; 0 where one of them is 0.
std::vector<double> harmonic_scores(const at::Tensor& windows, const std::vector<double>& scores,
                                    std::int64_t num_cells);

}  // namespace normadd::detectors
