// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_features.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::networks {
namespace {

std::vector<int> blocks_of(const std::vector<std::string>& taps, int layers) {
  std::vector<std::string> valid;
  for (int block = 1; block <= layers; ++block) valid.push_back(fmt::format("block{}", block));
  if (taps.empty())
    throw core::ConfigError("no tap is given", "backbone.taps", "Name at least one of block1, block2, …");
  std::vector<int> blocks;
  for (const auto& tap : taps) {
    const auto found = std::find(valid.begin(), valid.end(), tap);
    if (found == valid.end()) {
      throw core::ConfigError(fmt::format("the image tower has no tap '{}'", tap), "backbone.taps",
                              core::did_you_mean(tap, valid));
    }
    const int block = static_cast<int>(found - valid.begin()) + 1;
    if (std::find(blocks.begin(), blocks.end(), block) != blocks.end()) {
      throw core::ConfigError(fmt::format("the tap '{}' is given twice", tap), "backbone.taps", "");
    }
    blocks.push_back(block);
  }
  return blocks;
}

void check_side(std::int64_t side, const Preprocessing& preprocessing, std::int64_t patch_px) {
  if (side % patch_px == 0) return;
  throw core::ConfigError(fmt::format("pictures of {} pixels cannot be cut into patches of {}", side, patch_px),
                          preprocessing.crop_px > 0 ? "backbone.crop_px" : "backbone.resize_px",
                          fmt::format("Take a multiple of {}, for instance {}, for both sides.", patch_px,
                                      std::max<std::int64_t>(1, side / patch_px) * patch_px));
}

std::shared_ptr<const Clip> load_tapped_blocks(const ClipParts& parts, const std::vector<std::string>& taps) {
  const std::vector<int> blocks = blocks_of(taps, parts.config.vision.layers);
  return std::make_shared<const Clip>(Clip::load_image_blocks(parts, *std::max_element(blocks.begin(), blocks.end())));
}

}  // namespace

ClipFeatureExtractor::ClipFeatureExtractor(const std::shared_ptr<const Clip>& clip,
                                           const std::vector<std::string>& taps, TokenNorm norm)
    : ClipFeatureExtractor(clip, taps, clip->preprocessing(), norm) {}

ClipFeatureExtractor::ClipFeatureExtractor(std::shared_ptr<const Clip> clip, const std::vector<std::string>& taps,
                                           const Preprocessing& preprocessing, TokenNorm norm)
    : clip_(std::move(clip)),
      blocks_(blocks_of(taps, clip_->config().vision.layers)),
      preprocessing_(preprocessing),
      norm_(norm) {
  check_side(preprocessing_.crop_px > 0 ? preprocessing_.crop_px : preprocessing_.resize_px, preprocessing_,
             clip_->config().patch_px);
}

std::unique_ptr<ClipFeatureExtractor> ClipFeatureExtractor::load(const std::filesystem::path& folder,
                                                                 const std::vector<std::string>& taps, TokenNorm norm) {
  return std::make_unique<ClipFeatureExtractor>(load_tapped_blocks(ClipParts::in_folder(folder), taps), taps, norm);
}

std::unique_ptr<ClipFeatureExtractor> ClipFeatureExtractor::load(const std::filesystem::path& folder,
                                                                 const std::vector<std::string>& taps,
                                                                 Preprocessing preprocessing, TokenNorm norm) {
  return load(ClipParts::in_folder(folder), taps, preprocessing, norm);
}

std::unique_ptr<ClipFeatureExtractor> ClipFeatureExtractor::load(const ClipParts& parts,
                                                                 const std::vector<std::string>& taps,
                                                                 Preprocessing preprocessing, TokenNorm norm) {
  auto clip = load_tapped_blocks(parts, taps);
  preprocessing.mean = clip->preprocessing().mean;
  preprocessing.std = clip->preprocessing().std;
  return std::make_unique<ClipFeatureExtractor>(std::move(clip), taps, preprocessing, norm);
}

std::vector<at::Tensor> ClipFeatureExtractor::features(const at::Tensor& images) const {
  const at::NoGradGuard no_gradients;
  const std::int64_t width = clip_->config().vision.width, patch = clip_->config().patch_px;
  // A shorter side of a good size says nothing about the longer one.
  for (const int axis : {2, 3}) check_side(images.size(axis), preprocessing_, patch);
  const std::int64_t rows = images.size(2) / patch, columns = images.size(3) / patch;
  std::vector<int> ascending = blocks_;
  std::sort(ascending.begin(), ascending.end());
  const auto patches = clip_->encode_patches(images, ascending);

  std::vector<at::Tensor> maps;
  for (const int block : blocks_) {
    const auto at = std::find(ascending.begin(), ascending.end(), block) - ascending.begin();
    at::Tensor tokens = patches[static_cast<std::size_t>(at)];
    if (norm_ == TokenNorm::kLayer) tokens = at::layer_norm(tokens, {width});
    maps.push_back(tokens.transpose(1, 2).reshape({images.size(0), width, rows, columns}).contiguous());
  }
  return maps;
}

std::vector<int> ClipFeatureExtractor::channels() const {
  return std::vector<int>(blocks_.size(), clip_->config().vision.width);
}

std::vector<imaging::Size> ClipFeatureExtractor::grids(imaging::Size input) const {
  const int patch = clip_->config().patch_px;
  return std::vector<imaging::Size>(blocks_.size(), {.height = input.height / patch, .width = input.width / patch});
}

double ClipFeatureExtractor::flops(imaging::Size input) const {
  const ClipTower& tower = clip_->config().vision;
  const imaging::Size grid = grids(input).front();
  const double cells = static_cast<double>(grid.height) * grid.width, tokens = cells + 1;
  const double width = tower.width, patch = clip_->config().patch_px;
  const double embedding = 2 * cells * 3 * patch * patch * width;
  const double projections = 2 * tokens * width * (4 * width + 2.0 * tower.mlp_width);
  const double attention = 4 * tokens * tokens * width;
  return embedding + *std::max_element(blocks_.begin(), blocks_.end()) * (projections + attention);
}

std::string ClipFeatureExtractor::description() const {
  std::string text = "clip";
  for (const int block : blocks_) text += " block" + std::to_string(block);
  if (norm_ == TokenNorm::kLayer) text += " layer_norm";
  return text + (clip_->config().activation == Activation::kGelu ? " gelu" : " quick_gelu");
}

}  // namespace normadd::networks
