// SPDX-License-Identifier: Apache-2.0
// The features of all training patches, of which a memory bank keeps some. They lie in pages of their own: what is kept
// moves to the front in place and the rest goes back to the system, so that no second copy ever exists.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace normadd::detectors {

class FeatureBank {
 public:
  /// num_rows x dims zeros, float32; pages are taken as they are written. Throws std::bad_alloc.
  FeatureBank(std::int64_t num_rows, std::int64_t dims);

  /// [num_rows, dims], contiguous; not to be used after keep().
  at::Tensor rows() const;

  /// The rows of these numbers, in this order; a number may appear more than once, but no more of them than num_rows.
  /// The bank is spent.
  at::Tensor keep(const std::vector<std::int64_t>& numbers) &&;

 private:
  struct Pages;
  at::Tensor view(std::int64_t num_rows) const;
  float* row(std::int64_t number) const;

  std::shared_ptr<Pages> pages_;
  std::int64_t num_rows_ = 0;
  std::int64_t dims_ = 0;
};

}  // namespace normadd::detectors
