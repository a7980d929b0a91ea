// SPDX-License-Identifier: Apache-2.0
// What backbone.weights and clip.path mean: a path, or the name of a weight card whose file lies in the hub's cache.
// Nothing is downloaded here.
#pragma once

#include <filesystem>
#include <string>

#include "networks/clip.h"
#include "weights/catalogue.h"

namespace normadd::weights {

/// Where weights came from; for manifests. Empty where it is not known.
struct Origin {
  std::string card, repository, revision, file;
};

struct ResNetWeights {
  std::filesystem::path file;
  Origin origin;
};

/// architecture: backbone.name. value: a file, or a card's name. The contents are held against the architecture, and a
/// card's file against its sha256. Throws WeightsError when there is no such file, when it is not in the cache (naming
/// the command that brings it) or holds another network (naming it and what would be right).
ResNetWeights find_resnet_weights(const std::string& value, const std::string& architecture, const Places& places);

struct ClipWeights {
  networks::ClipParts parts;  // for Clip::load and ClipFeatureExtractor::load
  Origin origin;
};

/// value: a model's folder, or a card's name. A folder with weights but no open_clip_config.json (as open_clip leaves
/// them in the cache) is described by the card that has the same sha256. Errors as above.
ClipWeights find_clip_weights(const std::string& value, const Places& places);

}  // namespace normadd::weights
