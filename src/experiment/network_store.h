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

class NetworkStore {
 public:
  /// places: where named weights are looked for.
  NetworkStore(BackboneOptions backbone, weights::Places places);

  /// The backbone of the configuration; what that leaves open is taken from the request. Throws WeightsError for
  /// missing or unsuitable weights (a file, or the name of a weight card), ConfigError for an unknown name (nearest valid one).
  std::shared_ptr<const networks::FeatureExtractor> backbone(const detectors::FeatureRequest& request);
  /// folder: a model's folder or the name of a weight card. Throws WeightsError as networks::Clip::load does.
  std::shared_ptr<const networks::Clip> clip(const detectors::ClipRequest& request);

  /// For detectors; refers to this store.
  detectors::Resources resources();
  /// file or folder (or card, with repository and revision) -> sha256 of its weights, of all that was loaded.
  const std::map<std::string, std::string>& weights_sha256() const { return weights_sha256_; }

 private:
  BackboneOptions options_;
  weights::Places places_;
  std::map<std::string, std::shared_ptr<const networks::FeatureExtractor>> backbones_;
  std::map<std::string, std::shared_ptr<const networks::Clip>> clips_;
  std::map<std::string, std::string> weights_sha256_;
};

/// auto, gelu, quick_gelu; auto = empty.
std::optional<networks::Activation> parse_activation(const std::string& name);

}  // namespace normadd::experiment
