// SPDX-License-Identifier: Apache-2.0
// A CLIP model's folder: description, weights, vocabulary.
#include <ATen/ATen.h>
#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "networks/clip.h"
#include "networks/clip_key_names.h"
#include "networks/clip_position.h"
#include "networks/clip_vocabulary.h"
#include "networks/vocabulary_file.h"

namespace normadd::networks {
namespace {

constexpr const char* kDescription = "open_clip_config.json";
constexpr const char* kWeights = "open_clip_model.safetensors";
constexpr const char* kOtherWeights = "model.safetensors";

std::filesystem::path find_weights(const std::filesystem::path& folder) {
  for (const char* name : {kWeights, kOtherWeights}) {
    if (std::filesystem::is_regular_file(folder / name)) return folder / name;
  }
  throw core::WeightsError(
      fmt::format("the model's folder has no {}", kWeights), folder.string(),
      "A CLIP model is a folder with open_clip_config.json, open_clip_model.safetensors and a vocabulary.");
}

void change_image_size(ClipConfig& config, TensorMap& weights, int image_px) {
  if (image_px < config.patch_px || image_px % config.patch_px != 0) {
    throw core::ConfigError(
        fmt::format("the image size {} is not a multiple of the model's patch size {}", image_px, config.patch_px), "",
        fmt::format("Take {} for instance.", std::max(1, image_px / config.patch_px) * config.patch_px));
  }
  config.image_px = image_px;
  config.preprocessing.resize_px = image_px;
  config.preprocessing.crop_px = image_px;
  at::Tensor& positions = weights.at("visual.positional_embedding");
  positions = resize_positional_embedding(positions, config.grid(), config.grid());
}

}  // namespace

ClipParts ClipParts::in_folder(const std::filesystem::path& folder) {
  return {ClipConfig::read(folder / kDescription), find_weights(folder), folder};
}

Clip Clip::load_selected(const ClipParts& parts, std::optional<int> last_block, std::optional<int> image_px,
                         std::optional<Activation> activation) {
  Clip clip;
  clip.config_ = parts.config;
  const std::filesystem::path& folder = parts.folder;
  const int layers = clip.config_.vision.layers;
  if (last_block && (*last_block < 1 || *last_block > layers)) {
    throw core::ConfigError(
        fmt::format("block {} is asked for, but the image tower has blocks 1 to {}", *last_block, layers),
        folder.string(), "");
  }
  const std::filesystem::path& file = parts.weights;
  clip.weights_ = load_clip_weights(SafetensorsFile::open(file), clip.config_,
                                    {.last_block = last_block.value_or(layers), .text = !last_block.has_value()});
  clip.weights_sha256_ = core::sha256_hex_of_file(file);
  if (clip.has_text()) {
    const bool own = !find_vocabulary(folder) && clip.config_.vocabulary == kClipTokens;
    clip.tokenizer_ = std::make_shared<const Tokenizer>(own ? Tokenizer::clip() : Tokenizer::from_folder(folder));
    if (clip.tokenizer_->size() != clip.config_.vocabulary) {
      throw core::WeightsError(fmt::format("the vocabulary gives {} tokens, but the model has {}",
                                           clip.tokenizer_->size(), clip.config_.vocabulary),
                               folder.string(), "Put the vocabulary that the model was trained with into its folder.");
    }
  }
  if (activation) clip.config_.activation = *activation;
  if (image_px && *image_px != clip.config_.image_px) change_image_size(clip.config_, clip.weights_, *image_px);
  return clip;
}

Clip Clip::load(const std::filesystem::path& folder, std::optional<int> image_px,
                std::optional<Activation> activation) {
  return load(ClipParts::in_folder(folder), image_px, activation);
}

Clip Clip::load(const ClipParts& parts, std::optional<int> image_px, std::optional<Activation> activation) {
  return load_selected(parts, {}, image_px, activation);
}

Clip Clip::load_image_blocks(const std::filesystem::path& folder, int last_block, std::optional<int> image_px,
                             std::optional<Activation> activation) {
  return load_image_blocks(ClipParts::in_folder(folder), last_block, image_px, activation);
}

Clip Clip::load_image_blocks(const ClipParts& parts, int last_block, std::optional<int> image_px,
                             std::optional<Activation> activation) {
  return load_selected(parts, last_block, image_px, activation);
}

void Clip::save(const std::filesystem::path& folder, bool half) const {
  core::make_directories(folder);
  TensorMap stored;
  for (const auto& [name, tensor] : weights_) {
    stored[name] = tensor.detach().to(at::kCPU, half ? at::kHalf : at::kFloat).contiguous();
  }
  core::write_file_atomically(folder / kDescription, config_.to_json());
  write_safetensors(folder / kWeights, stored);
  if (tokenizer_) tokenizer_->save(folder);
}

}  // namespace normadd::networks
