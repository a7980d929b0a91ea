// SPDX-License-Identifier: Apache-2.0
#include "experiment/network_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"
#include "networks/clip_features.h"
#include "networks/resnet.h"

namespace normadd::experiment {
namespace {

networks::Preprocessing preprocessing_of(const BackboneOptions& options, const detectors::FeatureRequest& request) {
  networks::Preprocessing preprocessing = networks::Preprocessing::imagenet(
      options.resize_px.value_or(request.resize_px), options.crop_px.value_or(request.crop_px));
  preprocessing.mode = options.resize_mode ? networks::parse_resize_mode(*options.resize_mode) : request.resize_mode;
  preprocessing.filter = options.filter ? imaging::parse_filter(*options.filter) : request.filter;
  return preprocessing;
}

}  // namespace

NetworkStore::NetworkStore(BackboneOptions backbone) : options_(std::move(backbone)) {}

std::shared_ptr<const networks::FeatureExtractor> NetworkStore::backbone(const detectors::FeatureRequest& request) {
  const auto& taps = options_.taps.empty() ? request.taps : options_.taps;
  const networks::Preprocessing preprocessing = preprocessing_of(options_, request);
  const std::string key =
      fmt::format("{} {} {} {} {}", fmt::join(taps, ","), static_cast<int>(preprocessing.mode), preprocessing.resize_px,
                  preprocessing.crop_px, static_cast<int>(preprocessing.filter));
  if (const auto found = backbones_.find(key); found != backbones_.end()) return found->second;

  required_path(options_.weights, "backbone.weights");
  std::shared_ptr<const networks::FeatureExtractor> extractor;
  if (options_.name == "clip") {
    if (options_.precision != "float32") {
      throw core::ConfigError(fmt::format("CLIP features are computed in float32, not in {}", options_.precision),
                              "backbone.precision", "Set backbone.precision=float32.");
    }
    extractor = networks::ClipFeatureExtractor::load(options_.weights, taps, preprocessing);
  } else {
    extractor = networks::load_resnet(options_.name, options_.weights, taps, preprocessing,
                                      networks::parse_precision(options_.precision));
  }
  weights_sha256_[options_.weights] = extractor->weights_sha256();
  return backbones_[key] = std::move(extractor);
}

std::shared_ptr<const networks::Clip> NetworkStore::clip(const detectors::ClipRequest& request) {
  const std::string folder = request.folder.string();
  const std::string key = fmt::format("{} {} {}", request.image_px.value_or(0),
                                      request.activation ? static_cast<int>(*request.activation) : -1, folder);
  if (const auto found = clips_.find(key); found != clips_.end()) return found->second;
  auto clip = std::make_shared<const networks::Clip>(
      networks::Clip::load(request.folder, request.image_px, request.activation));
  weights_sha256_[folder] = clip->weights_sha256();
  return clips_[key] = std::move(clip);
}

detectors::Resources NetworkStore::resources() {
  return {[this](const detectors::FeatureRequest& request) { return backbone(request); },
          [this](const detectors::ClipRequest& request) { return clip(request); }};
}

std::optional<networks::Activation> parse_activation(const std::string& name) {
  if (name == "gelu") return networks::Activation::kGelu;
  if (name == "quick_gelu") return networks::Activation::kQuickGelu;
  return std::nullopt;
}

}  // namespace normadd::experiment
