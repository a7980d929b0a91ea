// SPDX-License-Identifier: Apache-2.0
#include "detectors/nearest_neighbours.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"

namespace normadd::detectors {
namespace {

// Products of one block: 32 MB of float32, small against any bank and large enough for the matrix product's full speed.
constexpr std::int64_t kBlockProducts = std::int64_t{8} << 20;

std::int64_t block_queries(std::int64_t num_rows) { return std::max<std::int64_t>(1, kBlockProducts / num_rows); }

double squared_norm(const float* row, std::int64_t dims) {
  double sum = 0;
  for (std::int64_t i = 0; i < dims; ++i) sum += static_cast<double>(row[i]) * row[i];
  return sum;
}

double squared_difference(const float* a, const float* b, std::int64_t dims) {
  // Four sums, because one chain of additions waits for itself.
  double sums[4] = {};
  for (std::int64_t i = 0; i < dims; ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sums[i % 4] += difference * difference;
  }
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

/// Turns products q.b into |b|^2 - 2 q.b and returns the smallest.
__attribute__((target_clones("avx512f", "avx2", "default"))) float finish_products(float* products, const float* norms,
                                                                                   std::int64_t count) {
  constexpr std::int64_t kLanes = 16;
  float smallest[kLanes];
  std::fill(smallest, smallest + kLanes, std::numeric_limits<float>::infinity());
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) {
      const float value = norms[i + k] - 2.0f * products[i + k];
      products[i + k] = value;
      smallest[k] = value < smallest[k] ? value : smallest[k];
    }
  }
  for (; i < count; ++i) {
    products[i] = norms[i] - 2.0f * products[i];
    smallest[0] = std::min(smallest[0], products[i]);
  }
  return *std::min_element(smallest, smallest + kLanes);
}

float kth_smallest(const float* values, std::int64_t count, int k) {
  std::vector<float> smallest(values, values + k);  // a heap with the largest of them first
  std::make_heap(smallest.begin(), smallest.end());
  for (std::int64_t i = k; i < count; ++i) {
    if (values[i] >= smallest.front()) continue;
    std::pop_heap(smallest.begin(), smallest.end());
    smallest.back() = values[i];
    std::push_heap(smallest.begin(), smallest.end());
  }
  return smallest.front();
}

}  // namespace

NearestNeighbours::NearestNeighbours(at::Tensor bank) : bank_(std::move(bank)) {
  NORMADD_CHECK(bank_.dim() == 2 && bank_.size(0) > 0 && bank_.is_contiguous() && bank_.scalar_type() == at::kFloat,
                "memory bank");
  const std::int64_t dims = bank_.size(1);
  squared_norms_.resize(static_cast<std::size_t>(bank_.size(0)));
  for (std::size_t i = 0; i < squared_norms_.size(); ++i) {
    const double norm = squared_norm(bank_.data_ptr<float>() + static_cast<std::int64_t>(i) * dims, dims);
    squared_norms_[i] = static_cast<float>(norm);
    largest_norm_ = std::max(largest_norm_, std::sqrt(norm));
  }
}

std::uint64_t NearestNeighbours::working_bytes(std::int64_t num_rows) {
  return static_cast<std::uint64_t>(block_queries(num_rows) * num_rows) * sizeof(float);
}

Neighbours NearestNeighbours::find(const at::Tensor& queries, int k) const {
  const std::int64_t num_rows = bank_.size(0), dims = bank_.size(1);
  NORMADD_CHECK(queries.dim() == 2 && queries.size(1) == dims && queries.is_contiguous() &&
                    queries.scalar_type() == at::kFloat && k >= 1 && k <= num_rows,
                "queries, or " + std::to_string(k) + " neighbours of " + std::to_string(num_rows) + " rows");
  const std::int64_t num_queries = queries.size(0);
  Neighbours neighbours{k, std::vector<float>(static_cast<std::size_t>(num_queries * k)),
                        std::vector<std::int64_t>(static_cast<std::size_t>(num_queries * k))};
  const float* const bank = bank_.data_ptr<float>();
  const float* const all_queries = queries.data_ptr<float>();
  // A float32 dot product of n terms errs by about sqrt(n) roundings of |q||b|; this is 8 times that.
  const double error_scale = 8 * std::sqrt(static_cast<double>(dims)) * std::numeric_limits<float>::epsilon();

  const std::int64_t block = std::min(block_queries(num_rows), std::max<std::int64_t>(1, num_queries));
  const at::Tensor transposed = bank_.t();
  at::Tensor products = at::empty({block, num_rows});
  for (std::int64_t first = 0; first < num_queries; first += block) {
    const std::int64_t count = std::min(block, num_queries - first);
    at::Tensor used = products.narrow(0, 0, count);
    at::mm_out(used, queries.narrow(0, first, count), transposed);
    float* const block_products = used.data_ptr<float>();
    at::parallel_for(0, count, 8, [&](std::int64_t begin, std::int64_t end) {
      std::vector<std::pair<double, std::int64_t>> nominated;
      for (std::int64_t q = begin; q < end; ++q) {
        float* const values = block_products + q * num_rows;
        const float* const query = all_queries + (first + q) * dims;
        float limit = finish_products(values, squared_norms_.data(), num_rows);
        if (k > 1) limit = kth_smallest(values, num_rows, k);
        limit +=
            static_cast<float>(error_scale * largest_norm_ * (std::sqrt(squared_norm(query, dims)) + largest_norm_));
        nominated.clear();
        for (std::int64_t row = 0; row < num_rows; ++row) {
          if (values[row] <= limit) nominated.emplace_back(squared_difference(query, bank + row * dims, dims), row);
        }
        if (std::ssize(nominated) < k) {
          throw core::DataError("the network gives features that are not finite numbers", "",
                                "The weights are damaged, or the precision is too low for them.");
        }
        std::partial_sort(nominated.begin(), nominated.begin() + k, nominated.end());
        for (std::int64_t i = 0; i < k; ++i) {
          const auto at = static_cast<std::size_t>((first + q) * k + i);
          neighbours.squared_distances[at] = static_cast<float>(nominated[static_cast<std::size_t>(i)].first);
          neighbours.rows[at] = nominated[static_cast<std::size_t>(i)].second;
        }
      }
    });
  }
  return neighbours;
}

}  // namespace normadd::detectors
