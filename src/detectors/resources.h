// SPDX-License-Identifier: Apache-2.0
// The networks that detectors ask for. Each is loaded when it is first asked for, so that a detector which needs none
// demands no weights, and is shared by all who ask for the same.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imaging/resample.h"
#include "networks/clip.h"
#include "networks/feature_extractor.h"

namespace normadd::detectors {

/// How a detector's profile wants its features where the configuration leaves it open: backbone.taps, resize_mode,
/// resize_px, crop_px or filter null.
struct FeatureRequest {
  std::vector<std::string> taps{"layer2", "layer3"};
  networks::ResizeMode resize_mode = networks::ResizeMode::kShorterSide;
  int resize_px = 256;
  int crop_px = 224;
  imaging::Filter filter = imaging::Filter::kBilinear;
};

struct ClipRequest {
  std::filesystem::path folder;
  std::optional<int> image_px;                     // empty = the model's own
  std::optional<networks::Activation> activation;  // empty = as the model's configuration says
};

struct Resources {
  /// The backbone of the configuration. Throws WeightsError for missing or unsuitable weights.
  std::function<std::shared_ptr<const networks::FeatureExtractor>(const FeatureRequest&)> backbone;
  /// Throws WeightsError as networks::Clip::load does.
  std::function<std::shared_ptr<const networks::Clip>(const ClipRequest&)> clip;
};

/// Resources whose backbone is the given one, whatever is asked for, and whose CLIP models are loaded from disk.
Resources fixed_resources(std::shared_ptr<const networks::FeatureExtractor> extractor);

}  // namespace normadd::detectors
