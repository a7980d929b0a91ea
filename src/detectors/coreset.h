// SPDX-License-Identifier: Apache-2.0
// Greedy k-centre selection of the patches that a memory bank keeps.
// Source: arXiv 2106.08265, algorithm 1; variant and start of amazon-science/patchcore-inspection
// src/patchcore/sampler.py, ApproximateGreedyCoresetSampler. Distances are Euclidean on projected features.
// Differs in the work, not in the selection: squared distances are kept, which leaves every argmax as it is, and a row
// meets the centres taken since its last turn only when its old value makes it a candidate again.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"

namespace normadd::detectors {

/// Distinct row numbers in [0, num_rows), at most num_rows of them.
std::vector<std::int64_t> random_rows(std::int64_t num_rows, int count, core::RandomStream& random);

/// projected [N, d] float32 contiguous. Each row's first value is its mean distance to the rows in starts; then count
/// times: take the row with the largest value (first on ties), and lower all values to the distance to it. Returns the
/// rows in the order in which they were taken: every prefix is the selection of a smaller count. Does not depend on the
/// number of threads. label names the work in progress messages. Throws DataError for values that are not finite.
std::vector<std::int64_t> greedy_coreset(const at::Tensor& projected, const std::vector<std::int64_t>& starts,
                                         std::int64_t count, const std::string& label);

/// Columns that greedy_coreset works with: rows that have fewer are copied once. Columns of zeros do no harm.
std::int64_t coreset_padded_dims(std::int64_t dims);

/// Bytes that greedy_coreset takes besides its input and result.
std::uint64_t coreset_working_bytes(std::int64_t num_rows, std::int64_t dims, std::int64_t count);

}  // namespace normadd::detectors
