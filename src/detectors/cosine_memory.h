// SPDX-License-Identifier: Apache-2.0
// Tokens of a few good images, to which others are compared by angle.
// Shapes: D dimensions of a token, N rows in the memory, M queries; float32.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace normadd::detectors {

class CosineMemory {
 public:
  CosineMemory() = default;
  /// rows [N, D] of unit length, such as those of rows().
  explicit CosineMemory(at::Tensor rows) : rows_(std::move(rows)) {}
  /// Takes the tokens of several images, each [n, D], of any length.
  static CosineMemory of(const std::vector<at::Tensor>& tokens);

  /// tokens [M, D] -> [M]: 1 - the largest cosine with a row. Each query is compared with all rows.
  at::Tensor distances(const at::Tensor& tokens) const;
  /// [N, D], unit length.
  const at::Tensor& rows() const { return rows_; }

 private:
  at::Tensor rows_;
};

}  // namespace normadd::detectors
