// SPDX-License-Identifier: Apache-2.0
// From the node "backbone" to a frozen network.
#pragma once

#include <memory>

#include "experiment/job.h"
#include "networks/feature_extractor.h"

namespace normadd::experiment {

/// Throws WeightsError for missing or unsuitable weights, ConfigError for an unknown name (nearest valid one).
std::shared_ptr<const networks::FeatureExtractor> make_feature_extractor(const BackboneOptions& options);

}  // namespace normadd::experiment
