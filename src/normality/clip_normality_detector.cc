// SPDX-License-Identifier: Apache-2.0
#include "normality/clip_normality_detector.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "core/error.h"
#include "core/log.h"
#include "imaging/gaussian.h"
#include "networks/preprocessing.h"

namespace normadd::normality {
namespace {

/// Largest value within a square of side 2 r + 1, rows then columns.
imaging::Map dilated(const imaging::Map& map, int radius) {
  imaging::Map rows = map, out = map;
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      const float* row = map.row(y);
      rows.row(y)[x] = *std::max_element(row + std::max(0, x - radius), row + std::min(map.width, x + radius + 1));
    }
  }
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      float largest = 0.0f;
      for (int k = std::max(0, y - radius); k < std::min(map.height, y + radius + 1); ++k)
        largest = std::max(largest, rows.row(k)[x]);
      out.row(y)[x] = largest;
    }
  }
  return out;
}

imaging::Map stretched(imaging::Map map) {
  const auto [low, high] = std::minmax_element(map.values.begin(), map.values.end());
  const float from = *low, range = *high - *low;
  for (float& value : map.values) value = range > 0 ? (value - from) / range : 0.0f;
  return map;
}

}  // namespace

void ClipNormalityOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"clip_dense"});
  o.field("dense_layers", dense_layers).help("trained linear layers, one per tap; null = CLIP's own projection");
  o.field("taps", taps).help("blocks whose tokens are compared with the texts; [] = those of the dense layers");
  o.field("temperature", temperature).help("factor on cosines; null = that of the dense layers").above(0);
  o.field("sup_blur_sigma_px", sup_blur_sigma_px)
      .help("Gaussian on A_sup; null = none")
      .unit("px")
      .above(0)
      .range(0, imaging::kLargestSigma);
  o.field("sup_dilate_px", sup_dilate_px).help("widen A_sup by this much").unit("px").at_least(0);
  o.field("map_px", map_px).help("side of A_sup; null = the model's input size").unit("px").at_least(1);
  o.field("scaling", scaling)
      .help("per_image_minmax suppresses something in every image")
      .one_of({"probability", "per_image_minmax"});
  o.field("truncate_texts", truncate_texts).help("cut texts that are too long for the model instead of refusing them");
}

ClipNormalityDetector::ClipNormalityDetector(ClipNormalityOptions options, std::shared_ptr<const networks::Clip> clip)
    : options_(std::move(options)), clip_(std::move(clip)), taps_(options_.taps) {
  if (!clip_->has_text()) {
    throw core::WeightsError("the CLIP model has no text tower", "clip.path", "Choose a model with both towers.");
  }
  if (options_.dense_layers) {
    layers_ = networks::DenseLayers::load(*options_.dense_layers, clip_->config());
    if (taps_.empty()) taps_ = layers_->taps;
    if (taps_ != layers_->taps) {
      throw core::ConfigError(
          fmt::format("the dense layers were trained for blocks {}", fmt::join(layers_->taps, ", ")), "normality.taps",
          "Leave normality.taps empty, or choose other layers.");
    }
    if (!layers_->clip_sha256.empty() && layers_->clip_sha256 != clip_->weights_sha256()) {
      core::log_warning(fmt::format("{}: these layers were trained over other CLIP weights than those of clip.path",
                                    *options_.dense_layers));
    }
    temperature_ = options_.temperature.value_or(layers_->temperature);
  } else if (taps_.empty() || !options_.temperature) {
    throw core::ConfigError("without dense layers, taps and temperature must be given", "normality",
                            "Set normality.taps=[...] and normality.temperature=..., or normality.dense_layers=FILE.");
  } else {
    temperature_ = *options_.temperature;
  }
  for (const int tap : taps_) {
    if (tap < 1 || tap > clip_->config().vision.layers) {
      throw core::ConfigError(fmt::format("the model has no block {}", tap), "normality.taps",
                              fmt::format("It has blocks 1 to {}.", clip_->config().vision.layers));
    }
  }
  if (std::adjacent_find(taps_.begin(), taps_.end(), std::greater_equal<>()) != taps_.end()) {
    throw core::ConfigError(fmt::format("the blocks {} are not in ascending order", fmt::join(taps_, ", ")),
                            "normality.taps", "Name each block once, in ascending order.");
  }
}

void ClipNormalityDetector::encode(std::span<const TextPair> pairs) {
  std::vector<std::string> unknown;
  for (const TextPair& pair : pairs) {
    NORMADD_CHECK(!pair.positive.empty() && !pair.negative.empty(), pair.key);
    for (const auto* texts : {&pair.positive, &pair.negative}) {
      for (const auto& text : *texts) {
        if (embeddings_.emplace(text, at::Tensor()).second) unknown.push_back(text);
      }
    }
  }
  if (!unknown.empty()) {
    at::Tensor rows;
    try {
      rows = clip_->text_embeddings(unknown, options_.truncate_texts);
    } catch (...) {
      for (const auto& text : unknown) embeddings_.erase(text);
      throw;
    }
    for (std::size_t i = 0; i < unknown.size(); ++i) embeddings_[unknown[i]] = rows[static_cast<std::int64_t>(i)];
  }
  std::vector<at::Tensor> differences;
  for (const TextPair& pair : pairs) differences.push_back(direction(pair.positive) - direction(pair.negative));
  differences_ = at::stack(differences);
}

// Template ensemble: normalise each (done by text_embeddings), mean, normalise.
at::Tensor ClipNormalityDetector::direction(const std::vector<std::string>& texts) const {
  std::vector<at::Tensor> rows;
  for (const auto& text : texts) rows.push_back(embeddings_.at(text));
  return networks::unit_length(at::stack(rows).mean(0));
}

at::Tensor ClipNormalityDetector::projected(std::size_t tap, const at::Tensor& tokens) const {
  if (layers_) return layers_->project(tap, tokens);
  return networks::unit_length(clip_->project_tokens(tokens));
}

at::Tensor ClipNormalityDetector::maps_of(const at::Tensor& images) const {
  const auto tokens = clip_->encode_patches(images, taps_);
  const std::int64_t rows = images.size(2) / clip_->config().patch_px,
                     columns = images.size(3) / clip_->config().patch_px;
  const std::int64_t height = options_.map_px.value_or(static_cast<int>(images.size(2)));
  const std::int64_t width = options_.map_px.value_or(static_cast<int>(images.size(3)));
  at::Tensor sum;
  for (std::size_t i = 0; i < taps_.size(); ++i) {
    // softmax over two logits is the sigmoid of their difference, and so is upsampling both: one map per pair is
    // enough.
    const at::Tensor logits = at::matmul(projected(i, tokens[i]), differences_.t()) * temperature_;
    const at::Tensor grid = logits.transpose(1, 2).reshape({images.size(0), -1, rows, columns});
    at::Tensor shown = at::upsample_bilinear2d(grid, {height, width}, /*align_corners=*/true).sigmoid_();
    sum = sum.defined() ? sum.add_(shown) : shown;
  }
  return sum.div_(static_cast<double>(taps_.size())).contiguous();
}

imaging::Map ClipNormalityDetector::finished(imaging::Map map) const {
  if (options_.scaling == "per_image_minmax") map = stretched(std::move(map));
  if (options_.sup_dilate_px > 0) map = dilated(map, options_.sup_dilate_px);
  if (options_.sup_blur_sigma_px) map = imaging::gaussian_blur(map, *options_.sup_blur_sigma_px);
  return map;
}

std::vector<Suppression> ClipNormalityDetector::suppress(std::span<const imaging::Image> images) const {
  NORMADD_CHECK(differences_.defined(), "encode() comes first");
  const at::NoGradGuard no_gradients;
  const at::Tensor maps = maps_of(networks::preprocess(images, clip_->preprocessing()));
  // A fusion would take a map of NaN for one that suppresses everything.
  if (!at::isfinite(maps).all().item<bool>()) {
    throw core::WeightsError("the vision-language model gives values that are not finite", "clip.path",
                             "Its weights are damaged, or too large for its precision.");
  }
  image_passes_ += images.size();
  std::vector<Suppression> suppressions;
  const auto height = static_cast<int>(maps.size(2)), width = static_cast<int>(maps.size(3));
  const float* next = maps.data_ptr<float>();
  for (const auto& image : images) {
    Suppression suppression;
    suppression.geometry = clip_->preprocessing().geometry(image.size());
    for (std::int64_t p = 0; p < maps.size(1); ++p) {
      imaging::Map map(height, width);
      std::copy_n(next, map.values.size(), map.values.begin());
      next += map.values.size();
      suppression.maps.push_back(finished(std::move(map)));
    }
    suppressions.push_back(std::move(suppression));
  }
  return suppressions;
}

}  // namespace normadd::normality
