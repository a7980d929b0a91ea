// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_windows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "networks/short_attention.h"
#include "networks/transformer.h"

namespace normadd::networks {
namespace {

at::Tensor attend_long(const at::Tensor& projected, std::int64_t count, std::int64_t length, std::int64_t heads,
                       std::int64_t queries) {
  const std::int64_t width = projected.size(1) / 3, depth = width / heads;
  const at::Tensor by_head = projected.view({count, length, 3, heads, depth}).permute({2, 0, 3, 1, 4});
  const auto flat = [&](int which, std::int64_t rows) {
    return by_head[which].slice(2, 0, rows).reshape({count * heads, rows, depth});
  };
  const at::Tensor scores =
      at::bmm(flat(0, queries) * (1.0 / std::sqrt(static_cast<double>(depth))), flat(1, length).transpose(1, 2));
  const at::Tensor mixed = at::bmm(at::softmax(scores, -1), flat(2, length));
  return mixed.view({count, heads, queries, depth}).transpose(1, 2).reshape({count * queries, width});
}

at::Tensor activated(at::Tensor x, Activation activation) {
  if (activation == Activation::kGelu) return at::gelu_(x);
  return at::mul(x, 1.702).sigmoid_().mul_(x);
}

}  // namespace

RowProduct::RowProduct(const at::Tensor& weight, const at::Tensor& bias, Precision precision) {
  const auto type = precision == Precision::kFloat32 ? at::kFloat : at::kBFloat16;
  matrix_ = weight.to(type).contiguous();
  bias_ = bias.to(type);
}

at::Tensor RowProduct::operator()(const at::Tensor& rows, at::Tensor& scratch) const {
  const std::int64_t count = rows.size(0), in = matrix_.size(1), out = matrix_.size(0);
  if (matrix_.scalar_type() == at::kFloat) {
    if (!scratch.defined() || scratch.size(0) < count || scratch.size(1) != out) scratch = at::empty({count, out});
    at::Tensor result = scratch.narrow(0, 0, count);
    at::addmm_out(result, bias_, rows.to(at::kFloat), matrix_.t());
    return result;
  }
  // As a 1x1 convolution over rows as pixels: that library is quicker in bfloat16 than the one for matrix products. The
  // strides say "channels last", so that nothing is rearranged.
  const at::Tensor pixels =
      rows.to(at::kBFloat16).contiguous().as_strided({1, in, 1, count}, {count * in, 1, count * in, in});
  const at::Tensor kernel = matrix_.as_strided({out, in, 1, 1}, {in, 1, in, in});
  return at::conv2d(pixels, kernel, bias_).permute({0, 2, 3, 1}).reshape({count, out});
}

ClipWindows::ClipWindows(std::shared_ptr<const Clip> clip, const std::vector<at::Tensor>& sets, Precision precision)
    : clip_(std::move(clip)) {
  const at::NoGradGuard no_gradients;
  const auto product = [&](const std::string& weight_name, const std::string& bias_name) {
    return RowProduct(weight(clip_->weights(), weight_name), weight(clip_->weights(), bias_name), precision);
  };
  for (int block = 0; block < clip_->config().vision.layers; ++block) {
    const std::string name = fmt::format("visual.transformer.resblocks.{}.", block);
    blocks_.push_back({name, product(name + "attn.in_proj_weight", name + "attn.in_proj_bias"),
                       product(name + "attn.out_proj.weight", name + "attn.out_proj.bias"),
                       product(name + "mlp.c_fc.weight", name + "mlp.c_fc.bias"),
                       product(name + "mlp.c_proj.weight", name + "mlp.c_proj.bias")});
  }
  const std::int64_t cells = static_cast<std::int64_t>(clip_->config().grid()) * clip_->config().grid();
  segments_.push_back({1, 1 + cells});
  std::vector<at::Tensor> tokens{at::arange(1 + cells, at::kLong)};
  for (const auto& set : sets) {
    NORMADD_CHECK(set.dim() == 2 && set.scalar_type() == at::kLong && set.min().item<std::int64_t>() >= 0 &&
                      set.max().item<std::int64_t>() < cells,
                  "windows of cells");
    segments_.push_back({set.size(0), 1 + set.size(1)});
    tokens.push_back(at::cat({at::zeros({set.size(0), 1}, at::kLong), set + 1}, 1).flatten());
  }
  token_of_row_ = at::cat(tokens);
}

at::Tensor ClipWindows::attend(const at::Tensor& projected, const std::vector<bool>& class_only) const {
  const at::Tensor rows = projected.to(at::kFloat).contiguous();
  const int heads = clip_->config().vision.heads;
  std::vector<at::Tensor> mixed;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const auto [count, length] = segments_[i];
    const std::int64_t queries = class_only[i] ? 1 : length;
    const at::Tensor own = rows.narrow(0, first, count * length);
    mixed.push_back(length <= kShortSequence
                        ? short_attention(own, {.count = count, .length = length, .queries = queries}, heads)
                        : attend_long(own, count, length, heads, queries));
    first += count * length;
  }
  return at::cat(mixed);
}

at::Tensor ClipWindows::finish(const Block& block, const at::Tensor& mixed, const at::Tensor& rows,
                               at::Tensor& scratch) const {
  const TensorMap& weights = clip_->weights();
  const at::Tensor middle = block.out(mixed).to(at::kFloat).add_(rows);
  const at::Tensor hidden =
      activated(block.up(layer_norm(middle, weights, block.name + "ln_2"), scratch), clip_->config().activation);
  return block.down(hidden).to(at::kFloat).add_(middle);
}

/// Rows that the last block's output is wanted for: every class token, and the picture's cells if asked for.
at::Tensor ClipWindows::kept_rows(bool with_patches) const {
  std::vector<std::int64_t> kept;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const auto [count, length] = segments_[i];
    const std::int64_t step = i == 0 && with_patches ? 1 : length;
    for (std::int64_t row = 0; row < count * length; row += step) kept.push_back(first + row);
    first += count * length;
  }
  return at::tensor(kept, at::kLong);
}

WindowEmbeddings ClipWindows::encode(const at::Tensor& image, bool with_patches) const {
  const at::NoGradGuard no_gradients;
  NORMADD_CHECK(image.dim() == 4 && image.size(0) == 1, "one image");
  const TensorMap& weights = clip_->weights();
  const at::Tensor tokens = layer_norm(clip_->embed_cells(image)[0], weights, "visual.ln_pre");
  NORMADD_CHECK(tokens.size(0) == segments_.front().length, "the grid of the windows");

  at::Tensor rows = tokens.index_select(0, token_of_row_), projections, hidden;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    const bool last = i + 1 == blocks_.size();
    std::vector<bool> class_only(segments_.size(), last);
    if (with_patches) class_only.front() = false;
    // Before the first attention a cell is the same in every window.
    const at::Tensor projected =
        i == 0 ? block.in(layer_norm(tokens, weights, block.name + "ln_1")).index_select(0, token_of_row_)
               : block.in(layer_norm(rows, weights, block.name + "ln_1"), projections);
    const at::Tensor mixed = attend(projected, class_only);
    rows = finish(block, mixed, last ? rows.index_select(0, kept_rows(with_patches)) : rows, hidden);
  }

  WindowEmbeddings result;
  std::int64_t first = with_patches ? segments_.front().length : 1;
  if (with_patches) result.patches = rows.slice(0, 1, first).contiguous();
  result.image = clip_->project_tokens(rows[0]);
  for (std::size_t i = 1; i < segments_.size(); ++i) {
    result.windows.push_back(clip_->project_tokens(rows.narrow(0, first, segments_[i].count)));
    first += segments_[i].count;
  }
  return result;
}

}  // namespace normadd::networks
