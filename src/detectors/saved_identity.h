// SPDX-License-Identifier: Apache-2.0
// What must be the same when a detector is fitted and whenever what it saved is used again.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "networks/feature_extractor.h"

namespace normadd::detectors {

/// Network, taps, precision, sha256 of the weights, and how pictures are prepared.
nlohmann::ordered_json extractor_identity(const networks::FeatureExtractor& extractor);

/// Throws WeightsError that names each key in which they differ, with both values, and for text that is no JSON object.
void require_same_identity(const std::string& saved, const nlohmann::ordered_json& current,
                           const std::filesystem::path& path);

}  // namespace normadd::detectors
