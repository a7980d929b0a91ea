// SPDX-License-Identifier: Apache-2.0
// Pre-norm residual attention blocks, shared by CLIP's two towers.
// Source: Radford et al., arXiv 2103.00020; names and behaviour of mlfoundations/open_clip transformer.py.
// Shapes: B sequences, L tokens, W width. All functions are differentiable when gradients are on.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "networks/safetensors.h"

namespace normadd::networks {

/// kGelu is x * Phi(x) with the exact error function; kQuickGelu is x * sigmoid(1.702 x).
enum class Activation { kGelu, kQuickGelu };

/// The tensor of that name. Throws InternalError when a loader or initialiser forgot it.
const at::Tensor& weight(const TensorMap& weights, const std::string& name);

/// Layer normalisation over the last axis with name + ".weight" and name + ".bias", epsilon 1e-5.
at::Tensor layer_norm(const at::Tensor& x, const TensorMap& weights, const std::string& name);

/// The "resblocks" below a prefix such as "visual.transformer.".
struct Transformer {
  std::string prefix;
  int heads = 0;
  Activation activation = Activation::kGelu;
  bool causal = false;

  /// Block number block (from 0): x [B, L, W] -> [B, L, W]. x + attention(ln_1(x)), then + mlp(ln_2(.)).
  at::Tensor block(const at::Tensor& x, const TensorMap& weights, int block) const;
};

}  // namespace normadd::networks
