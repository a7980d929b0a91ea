// SPDX-License-Identifier: Apache-2.0
// CLIP's image tower on windows: for each window the embedding of a class token that sees only the window's cells, and
// the embedding of the whole picture, in one pass.
// Source: Jeong et al., arXiv 2303.14814 (WinCLIP), section 4.2. Cells keep their absolute positions; they are chosen
// before ln_pre, and patch embedding, ln_pre and the first block's projections are computed once per cell.
// Shapes: N cells of the grid, W tower width, E embedding.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "networks/clip.h"
#include "networks/resnet.h"

namespace normadd::networks {

/// y = x A^T + b for many rows, in the arithmetic asked for.
class RowProduct {
 public:
  RowProduct(const at::Tensor& weight, const at::Tensor& bias, Precision precision);
  /// rows [T, in] of any floating type -> [T, out] in the product's own type. The result may lie in scratch, which is
  /// made when it is too small: fresh memory for large results costs as much as the arithmetic on them.
  at::Tensor operator()(const at::Tensor& rows, at::Tensor& scratch) const;
  at::Tensor operator()(const at::Tensor& rows) const {
    at::Tensor fresh;
    return (*this)(rows, fresh);
  }

 private:
  at::Tensor matrix_, bias_;  // [out, in], [out]
};

struct WindowEmbeddings {
  at::Tensor image;                 // [E], the whole picture
  std::vector<at::Tensor> windows;  // per set [M, E]
  at::Tensor patches;               // [N, W], raw output of the last block; undefined unless asked for
};

class ClipWindows {
 public:
  /// sets: each [M, K] int64, the K cells of M windows, cells counted row by row from 0. The model may be shared with
  /// others that read it.
  ClipWindows(std::shared_ptr<const Clip> clip, const std::vector<at::Tensor>& sets, Precision precision);

  /// image [1, 3, H, W]: one by one, so that nothing depends on a batch. Embeddings are not normalised.
  WindowEmbeddings encode(const at::Tensor& image, bool with_patches) const;

 private:
  struct Block {
    std::string name;
    RowProduct in, out, up, down;
  };
  /// Sequences of equal length, one after the other among the rows.
  struct Segment {
    std::int64_t count = 0, length = 0;
  };

  at::Tensor attend(const at::Tensor& projected, const std::vector<bool>& class_only) const;
  /// The rest of a block, row by row: output projection, residual, MLP.
  at::Tensor finish(const Block& block, const at::Tensor& mixed, const at::Tensor& rows, at::Tensor& scratch) const;
  at::Tensor kept_rows(bool with_patches) const;

  std::shared_ptr<const Clip> clip_;
  std::vector<Block> blocks_;
  std::vector<Segment> segments_;  // the picture, then the sets
  at::Tensor token_of_row_;        // [rows]
};

}  // namespace normadd::networks
