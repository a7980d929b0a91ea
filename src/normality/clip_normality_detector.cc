// SPDX-License-Identifier: Apache-2.0
#include "normality/clip_normality_detector.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/hashing.h"
#include "core/log.h"
#include "imaging/gaussian.h"
#include "networks/preprocessing.h"
#include "normality/token_similarity.h"

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

/// Bilinear, the corners' centres on the corners' centres, as the reference implementation enlarges its logits.
void enlarge(const imaging::Map& grid, imaging::Size size, float* out) {
  struct Place {
    int first = 0, second = 0;
    float share = 0;
  };
  const auto places = [](int from, int to) {
    std::vector<Place> all;
    const float step = to > 1 ? static_cast<float>(from - 1) / static_cast<float>(to - 1) : 0.0f;
    for (int i = 0; i < to; ++i) {
      const float at = step * static_cast<float>(i);
      const int first = std::min(static_cast<int>(at), from - 1);
      all.push_back({first, std::min(first + 1, from - 1), at - static_cast<float>(first)});
    }
    return all;
  };
  const auto columns = places(grid.width, size.width);
  imaging::Map wide(grid.height, size.width);
  for (int y = 0; y < grid.height; ++y) {
    const float* row = grid.row(y);
    for (int x = 0; x < size.width; ++x) {
      const auto& [first, second, share] = columns[static_cast<std::size_t>(x)];
      wide.row(y)[x] = row[first] + share * (row[second] - row[first]);
    }
  }
  for (const auto& [first, second, share] : places(grid.height, size.height)) {
    const float *upper = wide.row(first), *lower = wide.row(second);
    for (int x = 0; x < size.width; ++x) *out++ = upper[x] + share * (lower[x] - upper[x]);
  }
}

std::span<float> values_of(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

void require_finite(const at::Tensor& tensor) {
  if (at::isfinite(tensor).all().item<bool>()) return;
  throw core::WeightsError("the vision-language model gives values that are not finite", "clip.path",
                           "Its weights are damaged, or too large for its precision.");
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
    layers_sha256_ = core::sha256_hex_of_file(*options_.dense_layers);
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
  differences_ = differences.empty() ? at::Tensor() : at::stack(differences).contiguous();
}

std::size_t ClipNormalityDetector::num_pairs() const {
  return differences_.defined() ? static_cast<std::size_t>(differences_.size(0)) : 0;
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

std::vector<ImageFeatures> ClipNormalityDetector::features(std::span<const imaging::Image> images) const {
  const at::NoGradGuard no_gradients;
  const at::Tensor pictures = networks::preprocess(images, clip_->preprocessing());
  const auto tokens = clip_->encode_patches(pictures, taps_);
  image_passes_ += images.size();
  const int patch = clip_->config().patch_px;
  const imaging::Size input{static_cast<int>(pictures.size(2)), static_cast<int>(pictures.size(3))};
  std::vector<ImageFeatures> features;
  for (const auto& image : images) {
    features.push_back({{}, {input.height / patch, input.width / patch}, input, {}});
    features.back().geometry = clip_->preprocessing().geometry(image.size());
  }
  for (std::size_t tap = 0; tap < taps_.size(); ++tap) {
    const at::Tensor unit = projected(tap, tokens[tap]).contiguous();
    require_finite(unit);
    for (std::size_t i = 0; i < features.size(); ++i) {
      features[i].tokens.push_back(unit[static_cast<std::int64_t>(i)].clone());
    }
  }
  return features;
}

imaging::Map ClipNormalityDetector::suppression(const ImageFeatures& image, std::size_t pair) const {
  NORMADD_CHECK(pair < num_pairs(), "encode() comes first");
  NORMADD_CHECK(image.tokens.size() == taps_.size(), "features of other blocks");
  const at::NoGradGuard no_gradients;
  const at::Tensor direction = differences_[static_cast<std::int64_t>(pair)];
  const imaging::Size size{options_.map_px.value_or(image.input.height), options_.map_px.value_or(image.input.width)};
  at::Tensor sum;
  for (const at::Tensor& tokens : image.tokens) {
    NORMADD_CHECK(tokens.is_contiguous() && tokens.size(1) == direction.size(0), "features of another model");
    // softmax over two logits is the sigmoid of their difference, and so is upsampling both: one map per pair is
    // enough.
    imaging::Map grid(image.grid.height, image.grid.width);
    token_similarity(values_of(tokens), values_of(direction), static_cast<float>(temperature_), grid.values);
    at::Tensor shown = at::empty({size.height, size.width});
    enlarge(grid, size, shown.data_ptr<float>());
    shown.sigmoid_();
    sum = sum.defined() ? sum.add_(shown) : shown;
  }
  sum.div_(static_cast<double>(taps_.size()));
  // A fusion would take a map of NaN for one that suppresses everything.
  require_finite(sum);
  imaging::Map map(size.height, size.width);
  std::copy_n(sum.data_ptr<float>(), map.values.size(), map.values.begin());
  return finished(std::move(map));
}

imaging::Map ClipNormalityDetector::finished(imaging::Map map) const {
  if (options_.scaling == "per_image_minmax") map = stretched(std::move(map));
  if (options_.sup_dilate_px > 0) map = dilated(map, options_.sup_dilate_px);
  if (options_.sup_blur_sigma_px) map = imaging::gaussian_blur(map, *options_.sup_blur_sigma_px);
  return map;
}

std::string ClipNormalityDetector::feature_settings() const {
  const networks::Preprocessing& preprocessing = clip_->preprocessing();
  const bool quick = clip_->config().activation == networks::Activation::kQuickGelu;
  return nlohmann::ordered_json{{"features", "clip_dense"},
                                {"clip_sha256", clip_->weights_sha256()},
                                {"activation", quick ? "quick_gelu" : "gelu"},
                                {"resize_mode", static_cast<int>(preprocessing.mode)},
                                {"resize_px", preprocessing.resize_px},
                                {"crop_px", preprocessing.crop_px},
                                {"filter", static_cast<int>(preprocessing.filter)},
                                {"mean", preprocessing.mean},
                                {"std", preprocessing.std},
                                {"taps", taps_},
                                {"dense_layers_sha256", layers_sha256_}}
      .dump();
}

std::string ClipNormalityDetector::settings() const {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(feature_settings());
  json["temperature"] = temperature_;
  json["sup_blur_sigma_px"] = options_.sup_blur_sigma_px.value_or(0);
  json["sup_dilate_px"] = options_.sup_dilate_px;
  json["map_px"] = options_.map_px.value_or(0);
  json["scaling"] = options_.scaling;
  json["truncate_texts"] = options_.truncate_texts;
  return json.dump();
}

}  // namespace normadd::normality
