// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_position.h"

#include <ATen/ATen.h>

#include <cmath>

namespace normadd::networks {

at::Tensor resize_positional_embedding(const at::Tensor& positional, std::int64_t rows, std::int64_t columns) {
  const std::int64_t width = positional.size(1);
  const auto side = std::llround(std::sqrt(static_cast<double>(positional.size(0) - 1)));
  if (rows == side && columns == side) return positional;
  const at::Tensor grid = positional.slice(0, 1).reshape({1, side, side, width}).permute({0, 3, 1, 2});
  const at::Tensor resized = at::_upsample_bicubic2d_aa(grid.contiguous(), at::IntArrayRef({rows, columns}),
                                                        /*align_corners=*/false, {}, {});
  return at::cat({positional.slice(0, 0, 1), resized.permute({0, 2, 3, 1}).reshape({rows * columns, width})});
}

}  // namespace normadd::networks
