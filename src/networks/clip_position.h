// SPDX-License-Identifier: Apache-2.0
// A vision transformer's learned positions for another grid than the one they were learned on.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace normadd::networks {

/// positional [1 + G*G, W], first row = class token -> [1 + rows*columns, W]; the same tensor when the grid is
/// unchanged. Bicubic with antialias, corners not aligned, as in open_clip's resize_pos_embed. Differentiable.
at::Tensor resize_positional_embedding(const at::Tensor& positional, std::int64_t rows, std::int64_t columns);

}  // namespace normadd::networks
