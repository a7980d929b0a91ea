// SPDX-License-Identifier: Apache-2.0
#include "experiment/network_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"
#include "networks/clip_features.h"
#include "networks/resnet.h"
#include "weights/find_weights.h"

namespace normadd::experiment {
namespace {

networks::Preprocessing preprocessing_of(const BackboneOptions& options, const detectors::FeatureRequest& request) {
  networks::Preprocessing preprocessing = networks::Preprocessing::imagenet(
      options.resize_px.value_or(request.resize_px), options.crop_px.value_or(request.crop_px));
  preprocessing.mode = options.resize_mode ? networks::parse_resize_mode(*options.resize_mode) : request.resize_mode;
  preprocessing.filter = options.filter ? imaging::parse_filter(*options.filter) : request.filter;
  return preprocessing;
}

/// A path as it is; a card with what it stands for.
std::string provenance_of(const std::string& value, const weights::Origin& origin) {
  if (origin.repository.empty()) return value;
  return fmt::format("{} ({}@{}/{})", value, origin.repository, origin.revision, origin.file);
}

}  // namespace

NetworkStore::NetworkStore(BackboneOptions backbone, weights::Places places)
    : options_(std::move(backbone)), places_(std::move(places)) {}

std::shared_ptr<const networks::FeatureExtractor> NetworkStore::backbone(const detectors::FeatureRequest& request) {
  const auto& taps = options_.taps.empty() ? request.taps : options_.taps;
  const networks::Preprocessing preprocessing = preprocessing_of(options_, request);
  const std::string key =
      fmt::format("{} {} {} {} {}", fmt::join(taps, ","), static_cast<int>(preprocessing.mode), preprocessing.resize_px,
                  preprocessing.crop_px, static_cast<int>(preprocessing.filter));
  if (const auto found = backbones_.find(key); found != backbones_.end()) return found->second;

  std::shared_ptr<const networks::FeatureExtractor> extractor;
  if (options_.name == "clip") {
    if (options_.precision != "float32") {
      throw core::ConfigError(fmt::format("CLIP features are computed in float32, not in {}", options_.precision),
                              "backbone.precision", "Set backbone.precision=float32.");
    }
    const auto found = weights::find_clip_weights(options_.weights, places_);
    extractor = networks::ClipFeatureExtractor::load(found.parts, taps, preprocessing);
    weights_sha256_[provenance_of(options_.weights, found.origin)] = extractor->weights_sha256();
  } else {
    const auto found = weights::find_resnet_weights(options_.weights, options_.name, places_);
    extractor = networks::load_resnet(options_.name, found.file, taps, preprocessing,
                                      networks::parse_precision(options_.precision));
    weights_sha256_[provenance_of(options_.weights, found.origin)] = extractor->weights_sha256();
  }
  return backbones_[key] = std::move(extractor);
}

std::shared_ptr<const networks::Clip> NetworkStore::clip(const detectors::ClipRequest& request) {
  const std::string folder = request.folder.string();
  const std::string key = fmt::format("{} {} {}", request.image_px.value_or(0),
                                      request.activation ? static_cast<int>(*request.activation) : -1, folder);
  if (const auto found = clips_.find(key); found != clips_.end()) return found->second;
  const auto found = weights::find_clip_weights(folder, places_);
  auto clip =
      std::make_shared<const networks::Clip>(networks::Clip::load(found.parts, request.image_px, request.activation));
  weights_sha256_[provenance_of(folder, found.origin)] = clip->weights_sha256();
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
