// SPDX-License-Identifier: Apache-2.0
#include "detectors/nearest_neighbours.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace normadd::detectors {
namespace {

// Products of one block: 32 MB of float32, small against any bank and large enough for the matrix product's full speed.
constexpr std::int64_t kBlockProducts = std::int64_t{8} << 20;

}  // namespace

NearestNeighbours::NearestNeighbours(at::Tensor bank) : bank_(std::move(bank)) {
  NORMADD_CHECK(bank_.dim() == 2 && bank_.size(0) > 0 && bank_.is_contiguous(), "memory bank");
  squared_norms_ = at::empty({bank_.size(0)});
  const float* rows = bank_.data_ptr<float>();
  float* norms = squared_norms_.data_ptr<float>();
  const std::int64_t dims = bank_.size(1);
  for (std::int64_t i = 0; i < bank_.size(0); ++i) {
    double sum = 0;
    for (std::int64_t k = 0; k < dims; ++k) sum += static_cast<double>(rows[i * dims + k]) * rows[i * dims + k];
    norms[i] = static_cast<float>(sum);
  }
}

Neighbours NearestNeighbours::find(const at::Tensor& queries) const {
  const std::int64_t num_queries = queries.size(0), dims = queries.size(1), num_rows = bank_.size(0);
  NORMADD_CHECK(dims == bank_.size(1) && queries.is_contiguous(), "queries");
  Neighbours neighbours;
  neighbours.squared_distances.resize(static_cast<std::size_t>(num_queries));
  neighbours.rows.resize(static_cast<std::size_t>(num_queries));
  const std::int64_t block = std::clamp<std::int64_t>(kBlockProducts / num_rows, 1, num_queries);
  const at::Tensor transposed = bank_.t();
  const float* norms = squared_norms_.data_ptr<float>();
  const float* bank = bank_.data_ptr<float>();
  at::Tensor products = at::empty({block, num_rows});
  for (std::int64_t first = 0; first < num_queries; first += block) {
    const std::int64_t count = std::min(block, num_queries - first);
    at::Tensor used = products.narrow(0, 0, count);
    at::mm_out(used, queries.narrow(0, first, count), transposed);
    const float* product = used.data_ptr<float>();
    at::parallel_for(0, count, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t q = begin; q < end; ++q) {
        const float* row = product + q * num_rows;
        float best = std::numeric_limits<float>::infinity();
        std::int64_t best_row = 0;
        for (std::int64_t i = 0; i < num_rows; ++i) {
          const float value = norms[i] - 2.0f * row[i];
          if (value < best) {
            best = value;
            best_row = i;
          }
        }
        const float* query = queries.data_ptr<float>() + (first + q) * dims;
        double sum = 0;
        for (std::int64_t k = 0; k < dims; ++k) {
          const double difference = static_cast<double>(query[k]) - bank[best_row * dims + k];
          sum += difference * difference;
        }
        neighbours.squared_distances[static_cast<std::size_t>(first + q)] = static_cast<float>(sum);
        neighbours.rows[static_cast<std::size_t>(first + q)] = best_row;
      }
    });
  }
  return neighbours;
}

}  // namespace normadd::detectors
