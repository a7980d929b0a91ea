// SPDX-License-Identifier: Apache-2.0
#include "detectors/score_reweighting.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"

namespace normadd::detectors {

double score_weight(const NearestNeighbours& neighbours, const at::Tensor& patch, std::int64_t nearest_row,
                    int num_neighbours) {
  NORMADD_CHECK(num_neighbours >= 1, std::to_string(num_neighbours));
  if (num_neighbours == 1) return 1;
  const at::Tensor& bank = neighbours.bank();
  const int count = static_cast<int>(std::min<std::int64_t>(num_neighbours, bank.size(0)));
  const Neighbours around = neighbours.find(bank.narrow(0, nearest_row, 1), count);
  const std::int64_t dims = bank.size(1);
  const float* const t = patch.data_ptr<float>();
  const auto distance = [&](std::int64_t row) {
    const float* const m = bank.data_ptr<float>() + row * dims;
    double squared = 0;
    for (std::int64_t i = 0; i < dims; ++i) squared += std::pow(static_cast<double>(t[i]) - m[i], 2);
    return std::sqrt(squared);
  };
  std::vector<double> distances;
  for (const std::int64_t row : around.rows) distances.push_back(distance(row));
  // Less the largest, because exp of a distance overflows soon.
  const double largest = *std::max_element(distances.begin(), distances.end());
  double sum = 0;
  for (const double d : distances) sum += std::exp(d - largest);
  return 1 - std::exp(distance(nearest_row) - largest) / sum;
}

}  // namespace normadd::detectors
