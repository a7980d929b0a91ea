// SPDX-License-Identifier: Apache-2.0
// The networks of a run: loaded when they are first asked for, shared by all who ask for the same.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "detectors/resources.h"
#include "experiment/job.h"
#include "weights/catalogue.h"

namespace normadd::experiment {

/// file or folder (or card, with repository and revision) -> sha256 of its weights
using WeightHashes = std::map<std::string, std::string>;

/// CLIP models do not depend on the backbone: several stores can share theirs.
struct LoadedClips {
  struct Entry {
    std::string origin;
    std::shared_ptr<const networks::Clip> clip;
  };
  std::map<std::string, Entry> entries;
};

class NetworkStore {
 public:
  /// places: where named weights are looked for.
  NetworkStore(BackboneOptions backbone, weights::Places places,
               std::shared_ptr<LoadedClips> clips = std::make_shared<LoadedClips>());

  /// The backbone of the configuration; what that leaves open is taken from the request. Throws WeightsError for
  /// missing or unsuitable weights (a file, or the name of a weight card), ConfigError for an unknown name (nearest
  /// valid one). used, if any, gets the hash of what was taken.
  std::shared_ptr<const networks::FeatureExtractor> backbone(const detectors::FeatureRequest& request,
                                                             WeightHashes* used = nullptr);
  /// folder: a model's folder or the name of a weight card. Throws WeightsError as networks::Clip::load does.
  std::shared_ptr<const networks::Clip> clip(const detectors::ClipRequest& request, WeightHashes* used = nullptr);

  /// For detectors; refers to this store and to used.
  detectors::Resources resources(WeightHashes* used = nullptr);

 private:
  BackboneOptions options_;
  weights::Places places_;
  struct LoadedBackbone {
    std::string origin;
    std::shared_ptr<const networks::FeatureExtractor> extractor;
  };
  std::map<std::string, LoadedBackbone> backbones_;
  std::shared_ptr<LoadedClips> clips_;
};

/// auto, gelu, quick_gelu; auto = empty.
std::optional<networks::Activation> parse_activation(const std::string& name);

}  // namespace normadd::experiment
