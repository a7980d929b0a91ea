// SPDX-License-Identifier: Apache-2.0
#include "detectors/coreset.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/progress.h"

namespace normadd::detectors {
namespace {

/// Sixteen running sums: fixed order of additions, one vector register wide, on every machine the same.
__attribute__((target_clones("avx512f", "avx2", "default"))) float squared_distance(const float* a, const float* b,
                                                                                    std::int64_t dims) {
  constexpr std::int64_t kLanes = 16;
  float sums[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= dims; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) {
      const float difference = a[i + k] - b[i + k];
      sums[k] += difference * difference;
    }
  }
  for (; i < dims; ++i) {
    const float difference = a[i] - b[i];
    sums[i % kLanes] += difference * difference;
  }
  for (std::int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::int64_t k = 0; k < width; ++k) sums[k] += sums[k + width];
  }
  return sums[0];
}

struct Farthest {
  float value = -1.0f;
  std::int64_t row = 0;
};

/// Lowers values[begin, end) to the squared distance to center and returns the largest that remains: one pass over the
/// rows.
__attribute__((target_clones("avx512f", "avx2", "default"))) Farthest lower_and_find(
    const float* rows, std::int64_t dims, const float* center, std::int64_t begin, std::int64_t end, float* values) {
  Farthest farthest;
  for (std::int64_t i = begin; i < end; ++i) {
    constexpr std::int64_t kLanes = 16;
    const float* row = rows + i * dims;
    float sums[kLanes] = {};
    std::int64_t j = 0;
    for (; j + kLanes <= dims; j += kLanes) {
      for (std::int64_t k = 0; k < kLanes; ++k) {
        const float difference = row[j + k] - center[j + k];
        sums[k] += difference * difference;
      }
    }
    for (; j < dims; ++j) {
      const float difference = row[j] - center[j];
      sums[j % kLanes] += difference * difference;
    }
    for (std::int64_t width = kLanes / 2; width > 0; width /= 2) {
      for (std::int64_t k = 0; k < width; ++k) sums[k] += sums[k + width];
    }
    if (sums[0] < values[i]) values[i] = sums[0];
    if (values[i] > farthest.value) farthest = {values[i], i};
  }
  return farthest;
}

}  // namespace

at::Tensor random_projection(std::int64_t input_dims, std::int64_t output_dims, core::RandomStream& random) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(input_dims));
  at::Tensor projection = at::empty({output_dims, input_dims});
  float* values = projection.data_ptr<float>();
  for (std::int64_t i = 0; i < projection.numel(); ++i) values[i] = static_cast<float>(random.uniform(-bound, bound));
  return projection;
}

std::vector<std::int64_t> random_rows(std::int64_t num_rows, int count, core::RandomStream& random) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  const std::size_t wanted = std::min<std::size_t>(static_cast<std::size_t>(count), rows.size());
  for (std::size_t i = 0; i < wanted; ++i) std::swap(rows[i], rows[i + random.index(rows.size() - i)]);
  rows.resize(wanted);
  return rows;
}

std::vector<std::int64_t> greedy_coreset(const at::Tensor& projected, const std::vector<std::int64_t>& starts,
                                         std::int64_t count, const std::string& label) {
  NORMADD_CHECK(projected.dim() == 2 && projected.is_contiguous() && projected.scalar_type() == at::kFloat,
                "projected rows");
  const std::int64_t num_rows = projected.size(0), dims = projected.size(1);
  NORMADD_CHECK(count <= num_rows && !starts.empty(), std::to_string(count) + " of " + std::to_string(num_rows));
  const float* rows = projected.data_ptr<float>();

  // Blocks of a fixed size, so that ties are broken alike whatever the number of threads.
  constexpr std::int64_t kBlock = 1024;
  const std::int64_t num_blocks = (num_rows + kBlock - 1) / kBlock;
  std::vector<float> values(static_cast<std::size_t>(num_rows));
  std::vector<Farthest> farthest(static_cast<std::size_t>(num_blocks));
  at::parallel_for(0, num_blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      Farthest& best = farthest[static_cast<std::size_t>(block)];
      for (std::int64_t i = block * kBlock; i < std::min(num_rows, (block + 1) * kBlock); ++i) {
        double sum = 0;
        for (const std::int64_t start : starts)
          sum += std::sqrt(static_cast<double>(squared_distance(rows + i * dims, rows + start * dims, dims)));
        const double mean = sum / static_cast<double>(starts.size());
        values[static_cast<std::size_t>(i)] = static_cast<float>(mean * mean);
        if (values[static_cast<std::size_t>(i)] > best.value) best = {values[static_cast<std::size_t>(i)], i};
      }
    }
  });

  std::vector<std::int64_t> selected;
  selected.reserve(static_cast<std::size_t>(count));
  core::Progress progress(label, static_cast<std::size_t>(std::max<std::int64_t>(count, 1)));
  while (static_cast<std::int64_t>(selected.size()) < count) {
    Farthest best;
    for (const Farthest& candidate : farthest) {
      if (candidate.value > best.value) best = candidate;
    }
    selected.push_back(best.row);
    progress.advance();
    const float* center = rows + best.row * dims;
    at::parallel_for(0, num_blocks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t block = begin; block < end; ++block) {
        farthest[static_cast<std::size_t>(block)] =
            lower_and_find(rows, dims, center, block * kBlock, std::min(num_rows, (block + 1) * kBlock), values.data());
      }
    });
  }
  return selected;
}

}  // namespace normadd::detectors
