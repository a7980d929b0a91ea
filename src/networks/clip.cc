// SPDX-License-Identifier: Apache-2.0
#include "networks/clip.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "networks/clip_position.h"

namespace normadd::networks {
namespace {

constexpr std::int64_t kTextBatch = 8;  // about a hundred rows, enough to keep matrix products busy

/// [B, 3, H, W] -> [B, grid cells, 3 * patch * patch]: the patch convolution as one matrix product.
at::Tensor patches_as_rows(const at::Tensor& images, std::int64_t patch) {
  const std::int64_t batch = images.size(0), rows = images.size(2) / patch, columns = images.size(3) / patch;
  return images.reshape({batch, 3, rows, patch, columns, patch})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({batch, rows * columns, 3 * patch * patch});
}

}  // namespace

at::Tensor Clip::embed_cells(const at::Tensor& images, const at::Tensor& positional) const {
  const std::int64_t patch = config_.patch_px;
  NORMADD_CHECK(images.dim() == 4 && images.size(1) == 3 && images.size(2) % patch == 0 && images.size(3) % patch == 0,
                fmt::format("images {}, patch {}", fmt::join(images.sizes(), "x"), patch));
  const std::int64_t width = config_.vision.width;
  const at::Tensor kernel = weight(weights_, "visual.conv1.weight").reshape({width, 3 * patch * patch});
  const at::Tensor cells = at::linear(patches_as_rows(images, patch), kernel);
  const at::Tensor class_token = weight(weights_, "visual.class_embedding").reshape({1, 1, width});
  const at::Tensor position = positional.defined()
                                  ? positional
                                  : resize_positional_embedding(weight(weights_, "visual.positional_embedding"),
                                                                images.size(2) / patch, images.size(3) / patch);
  NORMADD_CHECK(position.size(-2) == cells.size(1) + 1,
                fmt::format("{} positions for {} tokens", position.size(-2), cells.size(1) + 1));
  return at::cat({class_token.expand({images.size(0), 1, width}), cells}, 1) + position;
}

at::Tensor Clip::run_image_blocks(const at::Tensor& images, int num_blocks, const std::vector<int>& taps,
                                  const at::Tensor& positional, std::vector<at::Tensor>& patches) const {
  for (std::size_t i = 0; i < taps.size(); ++i) {
    NORMADD_CHECK(taps[i] >= 1 && taps[i] <= config_.vision.layers && (i == 0 || taps[i] > taps[i - 1]),
                  fmt::format("taps {} of {} blocks", fmt::join(taps, ","), config_.vision.layers));
  }
  at::Tensor x = layer_norm(embed_cells(images, positional), weights_, "visual.ln_pre");
  const Transformer transformer{"visual.transformer.", config_.vision.heads, config_.activation, /*causal=*/false};
  for (int block = 0; block < num_blocks; ++block) {
    x = transformer.block(x, weights_, block);
    if (std::find(taps.begin(), taps.end(), block + 1) != taps.end()) patches.push_back(x.slice(1, 1));
  }
  return x;
}

ImageTokens Clip::encode_image(const at::Tensor& images, const std::vector<int>& taps,
                               const at::Tensor& positional) const {
  ImageTokens tokens;
  const at::Tensor x = run_image_blocks(images, config_.vision.layers, taps, positional, tokens.patches);
  tokens.embedding = project_tokens(x.select(1, 0));
  return tokens;
}

std::vector<at::Tensor> Clip::encode_patches(const at::Tensor& images, const std::vector<int>& taps) const {
  std::vector<at::Tensor> patches;
  if (!taps.empty()) run_image_blocks(images, taps.back(), taps, {}, patches);
  return patches;
}

at::Tensor Clip::project_tokens(const at::Tensor& tokens) const {
  return at::matmul(layer_norm(tokens, weights_, "visual.ln_post"), weight(weights_, "visual.proj"));
}

at::Tensor Clip::encode_text(const at::Tensor& tokens) const {
  NORMADD_CHECK(has_text(), "image tower only");
  NORMADD_CHECK(tokens.dim() == 2 && tokens.size(1) <= config_.context,
                fmt::format("tokens {}, context {}", fmt::join(tokens.sizes(), "x"), config_.context));
  // The end token has the largest id. Attention is causal, so that nothing after the last one can change a result.
  const at::Tensor end = tokens.argmax(1);
  const std::int64_t length = end.max().item<std::int64_t>() + 1;

  const at::Tensor ids = tokens.slice(1, 0, length);
  at::Tensor x = at::embedding(weight(weights_, "token_embedding.weight"), ids) +
                 weight(weights_, "positional_embedding").slice(0, 0, length);
  const Transformer transformer{"transformer.", config_.text.heads, config_.activation, /*causal=*/true};
  for (int block = 0; block < config_.text.layers; ++block) x = transformer.block(x, weights_, block);

  const at::Tensor rows = at::arange(tokens.size(0), end.options());
  const at::Tensor pooled = layer_norm(x.index({rows, end}), weights_, "ln_final");
  return at::matmul(pooled, weight(weights_, "text_projection"));
}

at::Tensor Clip::tokenize(const std::vector<std::string>& texts, bool truncate) const {
  if (!has_text()) {
    throw core::WeightsError("the model has no text tower", "", "Take a file with both towers, such as open_clip's.");
  }
  const auto rows = static_cast<std::int64_t>(texts.size());
  at::Tensor tokens = at::empty({rows, config_.context}, at::kLong);
  auto* out = tokens.data_ptr<std::int64_t>();
  for (const auto& text : texts) {
    const auto ids = tokenizer_->encode_padded(text, config_.context, truncate);
    out = std::copy(ids.begin(), ids.end(), out);
  }
  return tokens;
}

at::Tensor Clip::encode_texts(const std::vector<std::string>& texts, bool truncate) const {
  const at::NoGradGuard no_gradients;
  if (texts.empty()) return at::empty({0, config_.embedding});
  std::map<std::string, std::int64_t> rows;  // text -> its row among the different ones
  std::vector<std::string> different;
  std::vector<std::int64_t> row_of;
  for (const auto& text : texts) {
    const auto [found, is_new] = rows.emplace(text, static_cast<std::int64_t>(different.size()));
    if (is_new) different.push_back(text);
    row_of.push_back(found->second);
  }
  const at::Tensor tokens = tokenize(different, truncate), ends = tokens.argmax(1);
  std::map<std::int64_t, std::vector<std::int64_t>> by_end;
  for (std::int64_t row = 0; row < tokens.size(0); ++row) by_end[ends.data_ptr<std::int64_t>()[row]].push_back(row);
  at::Tensor embeddings = at::empty({tokens.size(0), config_.embedding});
  for (const auto& [end, members] : by_end) {
    const at::Tensor index = at::tensor(members, at::kLong);
    for (const at::Tensor& part : index.split(kTextBatch)) {
      // Libraries choose other kernels for small matrices, with other rounding. A batch that is always full keeps the
      // embedding of a text the same to the bit, whatever it is encoded with.
      const std::int64_t count = part.size(0);
      const at::Tensor full = at::cat({part, part.slice(0, 0, 1).expand({kTextBatch - count})});
      embeddings.index_copy_(0, part, encode_text(tokens.index_select(0, full)).slice(0, 0, count));
    }
  }
  return embeddings.index_select(0, at::tensor(row_of, at::kLong));
}

at::Tensor Clip::text_embeddings(const std::vector<std::string>& texts, bool truncate) const {
  const at::Tensor embeddings = encode_texts(texts, truncate);
  return embeddings / embeddings.norm(2, 1, /*keepdim=*/true);
}

}  // namespace normadd::networks
