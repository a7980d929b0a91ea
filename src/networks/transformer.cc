// SPDX-License-Identifier: Apache-2.0
#include "networks/transformer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "networks/short_attention.h"

namespace normadd::networks {
namespace {

constexpr double kLayerNormEpsilon = 1e-5;
constexpr double kQuickGeluSlope = 1.702;

/// Overwriting intermediate results saves a pass over memory, but autograd needs them.
bool may_overwrite(const at::Tensor& x) { return !(at::GradMode::is_enabled() && x.requires_grad()); }

at::Tensor linear(const at::Tensor& x, const TensorMap& weights, const std::string& weight_name,
                  const std::string& bias_name) {
  return at::linear(x, weight(weights, weight_name), weight(weights, bias_name));
}

at::Tensor activate(const at::Tensor& x, Activation activation) {
  if (activation == Activation::kGelu) return at::gelu(x);
  if (may_overwrite(x)) return at::mul(x, kQuickGeluSlope).sigmoid_().mul_(x);
  return x * at::sigmoid(x * kQuickGeluSlope);
}

/// softmax(Q K^T / sqrt(d)) V for every head; x [B, L, W] is already normalised.
at::Tensor attention(const at::Tensor& x, const TensorMap& weights, const std::string& name, int heads, bool causal) {
  const std::int64_t batch = x.size(0), length = x.size(1), width = x.size(2), depth = width / heads;
  const at::Tensor projected = linear(x, weights, name + "in_proj_weight", name + "in_proj_bias");
  if (length <= kShortSequence && may_overwrite(projected) && projected.scalar_type() == at::kFloat) {
    const at::Tensor rows = projected.contiguous().view({batch * length, 3 * width});
    const at::Tensor mixed =
        short_attention(rows, {.count = batch, .length = length, .queries = length, .causal = causal}, heads);
    return linear(mixed.view({batch, length, width}), weights, name + "out_proj.weight", name + "out_proj.bias");
  }
  const at::Tensor by_head = projected.view({batch, length, 3, heads, depth}).permute({2, 0, 3, 1, 4});
  const auto flat = [&](int which) { return by_head[which].reshape({batch * heads, length, depth}); };

  at::Tensor scores = at::bmm(flat(0) * (1.0 / std::sqrt(static_cast<double>(depth))), flat(1).transpose(1, 2));
  if (causal) {
    const at::Tensor mask =
        at::full({length, length}, -std::numeric_limits<float>::infinity(), scores.options()).triu_(1);
    scores = may_overwrite(scores) ? scores.add_(mask) : scores + mask;
  }
  const at::Tensor mixed = at::bmm(at::softmax(scores, -1), flat(2));
  const at::Tensor joined = mixed.view({batch, heads, length, depth}).transpose(1, 2).reshape({batch, length, width});
  return linear(joined, weights, name + "out_proj.weight", name + "out_proj.bias");
}

}  // namespace

const at::Tensor& weight(const TensorMap& weights, const std::string& name) {
  const auto found = weights.find(name);
  NORMADD_CHECK(found != weights.end(), "no tensor named " + name);
  return found->second;
}

at::Tensor layer_norm(const at::Tensor& x, const TensorMap& weights, const std::string& name) {
  return at::layer_norm(x, {x.size(-1)}, weight(weights, name + ".weight"), weight(weights, name + ".bias"),
                        kLayerNormEpsilon);
}

at::Tensor Transformer::block(const at::Tensor& x, const TensorMap& weights, int block) const {
  const std::string name = fmt::format("{}resblocks.{}.", prefix, block);
  const auto add = [](const at::Tensor& a, const at::Tensor& b) { return may_overwrite(a) ? a.add_(b) : a + b; };

  const at::Tensor attended = attention(layer_norm(x, weights, name + "ln_1"), weights, name + "attn.", heads, causal);
  const at::Tensor middle = add(attended, x);
  const at::Tensor hidden = activate(
      linear(layer_norm(middle, weights, name + "ln_2"), weights, name + "mlp.c_fc.weight", name + "mlp.c_fc.bias"),
      activation);
  return add(linear(hidden, weights, name + "mlp.c_proj.weight", name + "mlp.c_proj.bias"), middle);
}

}  // namespace normadd::networks
