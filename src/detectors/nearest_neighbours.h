// SPDX-License-Identifier: Apache-2.0
// Exact nearest neighbours: one matrix product per block of queries, memory bounded.
// Shapes: bank [N, D], queries [Q, D], both float32 contiguous; 1 <= k <= N. Distances are squared L2.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace normadd::detectors {

/// k entries per query, ascending by distance, then by row.
struct Neighbours {
  int k = 1;
  std::vector<float> squared_distances;  // [Q, k]
  std::vector<std::int64_t> rows;        // [Q, k], of the bank
};

class NearestNeighbours {
 public:
  /// The bank is kept, not copied.
  explicit NearestNeighbours(at::Tensor bank);

  /// Products |b|^2 - 2 q.b only nominate: every row that their rounding error could hide is measured again by
  /// differences in double precision. So an identical row gives exactly 0, and results depend neither on the number of
  /// threads nor on how queries are cut into calls. Throws DataError for queries that are not finite.
  Neighbours find(const at::Tensor& queries, int k = 1) const;

  /// Bytes that find() takes besides queries, bank and result.
  static std::uint64_t working_bytes(std::int64_t num_rows);

  const at::Tensor& bank() const { return bank_; }

 private:
  at::Tensor bank_;
  std::vector<float> squared_norms_;  // [N]
  double largest_norm_ = 0;
};

}  // namespace normadd::detectors
