// SPDX-License-Identifier: Apache-2.0
// CLIP: vision transformer and text transformer from an open_clip_config.json-style description.
// Source: Radford et al., arXiv 2103.00020; names and behaviour of mlfoundations/open_clip model.py, transformer.py.
// Shapes: B images, T texts, L context, G x G patch grid, W vision width, E embedding.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "networks/clip_config.h"
#include "networks/safetensors.h"
#include "networks/tokenizer.h"

namespace normadd::networks {

/// What a model is made of, wherever its parts lie.
struct ClipParts {
  ClipConfig config;
  std::filesystem::path weights;
  std::filesystem::path folder;  // with the vocabulary; without one there, CLIP's own serves

  /// open_clip_config.json and open_clip_model.safetensors (or model.safetensors) of a folder. Throws WeightsError
  /// naming what it lacks.
  static ClipParts in_folder(const std::filesystem::path& folder);
};

struct ImageTokens {
  at::Tensor embedding;             // [B, E], projected class token, not normalised
  std::vector<at::Tensor> patches;  // per tap [B, G*G, W], raw block output, class token dropped
};

/// Both towers over a plain map of tensors with canonical (open_clip) names, so that the same code trains and infers.
class Clip {
 public:
  /// Folder with open_clip_config.json, open_clip_model.safetensors and a vocabulary. image_px overrides the input size
  /// (positional embedding resized bicubic, antialias); activation overrides the config's.
  static Clip load(const std::filesystem::path& folder, std::optional<int> image_px = {},
                   std::optional<Activation> activation = {});
  static Clip load(const ClipParts& parts, std::optional<int> image_px = {}, std::optional<Activation> activation = {});
  /// Only what encode_patches needs for taps up to last_block; neither embeddings nor texts can be had from it.
  static Clip load_image_blocks(const std::filesystem::path& folder, int last_block, std::optional<int> image_px = {},
                                std::optional<Activation> activation = {});
  static Clip load_image_blocks(const ClipParts& parts, int last_block, std::optional<int> image_px = {},
                                std::optional<Activation> activation = {});
  /// Fresh weights for training, from the seed.
  static Clip random(const ClipConfig& config, Tokenizer tokenizer, std::uint64_t seed);
  /// Writes the three files; half stores float16. Throws OutputError.
  void save(const std::filesystem::path& folder, bool half = false) const;

  const ClipConfig& config() const { return config_; }
  /// False for a file with the image tower only (timm).
  bool has_text() const { return weights_.contains("token_embedding.weight"); }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const Preprocessing& preprocessing() const { return config_.preprocessing; }
  TensorMap& weights() { return weights_; }
  const TensorMap& weights() const { return weights_; }
  const std::string& weights_sha256() const { return weights_sha256_; }

  /// images [B, 3, H, W] with H, W multiples of the patch; taps are 1-based block numbers, ascending. Differentiable
  /// when gradients are on. positional [1 + G*G, W], or [B, 1 + G*G, W] for each image its own, replaces the stored
  /// embedding (training on windows); undefined = the stored one, resized to the grid when that differs.
  ImageTokens encode_image(const at::Tensor& images, const std::vector<int>& taps = {},
                           const at::Tensor& positional = {}) const;
  /// The patches of encode_image alone; blocks after the last tap are not run, and need no weights.
  std::vector<at::Tensor> encode_patches(const at::Tensor& images, const std::vector<int>& taps) const;
  /// ln_post and projection of raw patch tokens [..., W] -> [..., E] (dense token projection).
  at::Tensor project_tokens(const at::Tensor& tokens) const;
  /// tokens [T, L] int64 -> [T, E], not normalised. Differentiable.
  at::Tensor encode_text(const at::Tensor& tokens) const;
  at::Tensor tokenize(const std::vector<std::string>& texts,
                      bool truncate = false) const;  // [T, L] int64; WeightsError without a text tower
  /// Convenience: tokenize, encode in batches without gradients, L2-normalise. [T, E].
  at::Tensor text_embeddings(const std::vector<std::string>& texts, bool truncate = false) const;

 private:
  /// last_block set: only the image tower up to it.
  static Clip load_selected(const ClipParts& parts, std::optional<int> last_block, std::optional<int> image_px,
                            std::optional<Activation> activation);
  /// Runs the image tower up to num_blocks; returns the last block's output [B, 1 + G*G, W], appends the taps' patches.
  at::Tensor run_image_blocks(const at::Tensor& images, int num_blocks, const std::vector<int>& taps,
                              const at::Tensor& positional, std::vector<at::Tensor>& patches) const;

  ClipConfig config_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  TensorMap weights_;
  std::string weights_sha256_;
};

}  // namespace normadd::networks
