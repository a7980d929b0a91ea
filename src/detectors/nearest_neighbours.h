// SPDX-License-Identifier: Apache-2.0
// Exact nearest neighbours: one matrix product per block of queries, memory bounded.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace normadd::detectors {

struct Neighbours {
  std::vector<float> squared_distances;  // squared L2, one per query
  std::vector<std::int64_t> rows;        // of the bank
};

class NearestNeighbours {
 public:
  /// bank [N, D] float32 contiguous, N > 0; kept, not copied.
  explicit NearestNeighbours(at::Tensor bank);

  /// queries [Q, D] float32 contiguous. The nearest bank row of each query. The winner is found by |b|^2 - 2 q.b and
  /// its distance computed again from differences, so an identical row gives exactly 0.
  Neighbours find(const at::Tensor& queries) const;

  const at::Tensor& bank() const { return bank_; }

 private:
  at::Tensor bank_;
  at::Tensor squared_norms_;  // [N]
};

}  // namespace normadd::detectors
