// SPDX-License-Identifier: Apache-2.0
#include "detectors/window_grid.h"

#include <ATen/ATen.h>

#include "core/error.h"

namespace normadd::detectors {

at::Tensor window_cells(std::int64_t side_cells, std::int64_t side) {
  NORMADD_CHECK(side >= 1 && side <= side_cells, std::to_string(side));
  const std::int64_t per_side = side_cells - side + 1;
  at::Tensor windows = at::empty({per_side * per_side, side * side}, at::kLong);
  auto* cell = windows.data_ptr<std::int64_t>();
  for (std::int64_t top = 0; top < per_side; ++top) {
    for (std::int64_t left = 0; left < per_side; ++left) {
      for (std::int64_t y = top; y < top + side; ++y) {
        for (std::int64_t x = left; x < left + side; ++x) *cell++ = y * side_cells + x;
      }
    }
  }
  return windows;
}

std::vector<double> harmonic_scores(const at::Tensor& windows, const std::vector<double>& scores,
                                    std::int64_t num_cells) {
  NORMADD_CHECK(windows.size(0) == static_cast<std::int64_t>(scores.size()), "one score per window");
  const auto cells = static_cast<std::size_t>(num_cells);
  std::vector<double> inverse(cells, 0.0), covering(cells, 0.0);
  const at::Tensor table = windows.contiguous();
  const auto* cell = table.data_ptr<std::int64_t>();
  for (const double score : scores) {
    for (std::int64_t k = 0; k < windows.size(1); ++k, ++cell) {
      inverse[static_cast<std::size_t>(*cell)] += 1 / score;
      covering[static_cast<std::size_t>(*cell)] += 1;
    }
  }
  for (std::size_t i = 0; i < cells; ++i) inverse[i] = covering[i] > 0 ? covering[i] / inverse[i] : 0;
  return inverse;
}

}  // namespace normadd::detectors
