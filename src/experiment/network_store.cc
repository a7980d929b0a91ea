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

NetworkStore::NetworkStore(BackboneOptions backbone, weights::Places places, std::shared_ptr<LoadedClips> clips)
    : options_(std::move(backbone)), places_(std::move(places)), clips_(std::move(clips)) {}

std::shared_ptr<const networks::FeatureExtractor> NetworkStore::backbone(const detectors::FeatureRequest& request,
                                                                         WeightHashes* used) {
  const auto& taps = options_.taps.empty() ? request.taps : options_.taps;
  const networks::Preprocessing preprocessing = preprocessing_of(options_, request);
  const std::string key =
      fmt::format("{} {} {} {} {}", fmt::join(taps, ","), static_cast<int>(preprocessing.mode), preprocessing.resize_px,
                  preprocessing.crop_px, static_cast<int>(preprocessing.filter));
  auto found = backbones_.find(key);
  if (found == backbones_.end()) {
    LoadedBackbone loaded;
    if (options_.name == "clip") {
      if (options_.precision != "float32") {
        throw core::ConfigError(fmt::format("CLIP features are computed in float32, not in {}", options_.precision),
                                "backbone.precision", "Set backbone.precision=float32.");
      }
      const auto weights = weights::find_clip_weights(options_.weights, places_);
      loaded.extractor = networks::ClipFeatureExtractor::load(weights.parts, taps, preprocessing);
      loaded.origin = provenance_of(options_.weights, weights.origin);
    } else {
      const auto weights = weights::find_resnet_weights(options_.weights, options_.name, places_);
      loaded.extractor = networks::load_resnet(options_.name, weights.file, taps, preprocessing,
                                               networks::parse_precision(options_.precision));
      loaded.origin = provenance_of(options_.weights, weights.origin);
    }
    found = backbones_.emplace(key, std::move(loaded)).first;
  }
  const LoadedBackbone& loaded = found->second;
  if (used != nullptr) (*used)[loaded.origin] = loaded.extractor->weights_sha256();
  return loaded.extractor;
}

std::shared_ptr<const networks::Clip> NetworkStore::clip(const detectors::ClipRequest& request, WeightHashes* used) {
  const std::string folder = request.folder.string();
  const std::string key = fmt::format("{} {} {}", request.image_px.value_or(0),
                                      request.activation ? static_cast<int>(*request.activation) : -1, folder);
  auto found = clips_->entries.find(key);
  if (found == clips_->entries.end()) {
    const auto weights = weights::find_clip_weights(folder, places_);
    auto clip = std::make_shared<const networks::Clip>(
        networks::Clip::load(weights.parts, request.image_px, request.activation));
    found =
        clips_->entries.emplace(key, LoadedClips::Entry{provenance_of(folder, weights.origin), std::move(clip)}).first;
  }
  const auto& [origin, clip] = found->second;
  if (used != nullptr) (*used)[origin] = clip->weights_sha256();
  return clip;
}

detectors::Resources NetworkStore::resources(WeightHashes* used) {
  return {[this, used](const detectors::FeatureRequest& request) { return backbone(request, used); },
          [this, used](const detectors::ClipRequest& request) { return clip(request, used); }};
}

std::optional<networks::Activation> parse_activation(const std::string& name) {
  if (name == "gelu") return networks::Activation::kGelu;
  if (name == "quick_gelu") return networks::Activation::kQuickGelu;
  return std::nullopt;
}

}  // namespace normadd::experiment
