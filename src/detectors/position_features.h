// SPDX-License-Identifier: Apache-2.0
// Features per position of the finest grid: coarser maps are repeated onto it, and only some channels are taken.
// Source: Defard et al., PaDiM, arXiv 2011.08785, section III-A; nearest as in torch.nn.functional.interpolate: target
// pixel i takes source pixel floor(i * source / target), a plain repetition where the grids are multiples.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace normadd::detectors {

/// maps: per tap [B, C_i, h_i, w_i] float32, the first one decides the grid; channels: of all taps, counted through.
/// rows: [B, h_0 * w_0, channels.size()] float32, contiguous, to be filled; positions in the order y, x.
void position_features(const std::vector<at::Tensor>& maps, const std::vector<std::int64_t>& channels,
                       at::Tensor& rows);

}  // namespace normadd::detectors
