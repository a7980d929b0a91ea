// SPDX-License-Identifier: Apache-2.0
#include "detectors/padim_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace normadd::detectors {
namespace {

/// Raised whenever files of older programs would be misread.
constexpr int kFileFormat = 1;

/// Published for 448 channels (ResNet-18, layer1 … layer3) and 1792 (WideResNet-50-2); both numbers serve as limits for
/// networks of about that size.
int default_dims(int channels) {
  constexpr int kSmallChannels = 448, kSmallDims = 100, kLargeDims = 550;
  return std::min(channels, channels <= kSmallChannels ? kSmallDims : kLargeDims);
}

}  // namespace

void PadimOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"padim"});
  o.field("profile", profile).help("whose numbers to reproduce").one_of({"reference", "anomalib"});
  o.field("dims", dims)
      .help("channels that are kept; null = 100 of up to 448, 550 of more, all where there are fewer")
      .at_least(1);
  o.field("selection", selection)
      .help("who selects them: CPython's random.sample or the run's seed; null = the profile's way")
      .one_of({"python", "seed"});
  o.field("selection_seed", selection_seed).help("seed of the selection by CPython's generator").at_least(0);
  o.field("regularisation", regularisation)
      .help("added to the covariances' diagonals; null = the profile's, 0.01 or 0.01001")
      .above(0);
  o.field("blur_border", blur_border)
      .help("how the blur continues the map: reflect (dcba|abcd) or reflect_101 (dcb|abcd); null = the profile's way")
      .one_of({"reflect", "reflect_101"});
  o.field("blur_sigma_px", blur_sigma_px)
      .help("Gaussian on the anomaly map; null = none")
      .unit("px")
      .above(0)
      .range(0, imaging::kLargestSigma);
  o.field("batch_size", batch_size).help("images per reading of the covariances; does not change results").at_least(1);
  o.field("memory_limit_gb", memory_limit_gb).help("refuse to start a fit that would need more").unit("GiB").above(0);
}

FeatureRequest PadimOptions::feature_request() const {
  FeatureRequest request;
  request.taps = {"layer1", "layer2", "layer3"};
  if (profile == "anomalib") {
    request.resize_mode = networks::ResizeMode::kSquash;
    request.crop_px = 0;
  } else {
    request.filter = imaging::Filter::kLanczos;
  }
  return request;
}

PadimSettings padim_settings(const PadimOptions& options, int channels) {
  const bool anomalib = options.profile == "anomalib";
  PadimSettings settings;
  settings.dims = options.dims.value_or(default_dims(channels));
  settings.python_selection = options.selection.value_or(anomalib ? "seed" : "python") == "python";
  settings.regularisation = options.regularisation.value_or(anomalib ? 0.01 + 1e-5 : 0.01);
  settings.blur_border = options.blur_border.value_or(anomalib ? "reflect_101" : "reflect") == "reflect"
                             ? imaging::Border::kReflect
                             : imaging::Border::kReflect101;
  settings.blur_sigma_px = options.blur_sigma_px;
  if (settings.dims > channels) {
    throw core::ConfigError(
        fmt::format("{} dimensions are asked for, but the backbone's taps have {} channels", settings.dims, channels),
        "detector.dims", "Lower detector.dims, set it to null, or add to backbone.taps.");
  }
  return settings;
}

nlohmann::ordered_json padim_identity(const PadimOptions& options, const PadimSettings& settings) {
  nlohmann::ordered_json json = {
      {"name", options.name},
      {"profile", options.profile},
      {"format", kFileFormat},
      {"dims", settings.dims},
      {"selection", settings.python_selection ? "python" : "seed"},
      {"selection_seed", nullptr},
      {"regularisation", settings.regularisation},
      {"blur_border", settings.blur_border == imaging::Border::kReflect ? "reflect" : "reflect_101"},
      {"blur_sigma_px", nullptr}};
  if (settings.python_selection) json["selection_seed"] = options.selection_seed;
  if (settings.blur_sigma_px) json["blur_sigma_px"] = *settings.blur_sigma_px;
  return json;
}

}  // namespace normadd::detectors
