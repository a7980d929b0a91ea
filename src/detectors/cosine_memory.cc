// SPDX-License-Identifier: Apache-2.0
#include "detectors/cosine_memory.h"

#include <ATen/ATen.h>

#include "networks/dense_layers.h"

namespace normadd::detectors {
namespace {

constexpr std::int64_t kBlockRows = 4096;  // bounds the products that exist at a time

}  // namespace

CosineMemory CosineMemory::of(const std::vector<at::Tensor>& tokens) {
  return CosineMemory(networks::unit_length(at::cat(tokens)).contiguous());
}

at::Tensor CosineMemory::distances(const at::Tensor& tokens) const {
  const at::Tensor units = networks::unit_length(tokens);
  at::Tensor largest;
  for (const at::Tensor& block : rows_.split(kBlockRows)) {
    const at::Tensor nearest = at::matmul(units, block.t()).amax(1);
    largest = largest.defined() ? at::maximum(largest, nearest) : nearest;
  }
  // Rounding may take the cosine of a token with itself past 1; a map is never negative.
  return (1 - largest).clamp_min_(0);
}

}  // namespace normadd::detectors
