// SPDX-License-Identifier: Apache-2.0
#include "experiment/feature_extractors.h"

#include <fmt/format.h>

#include "core/error.h"
#include "networks/clip_features.h"
#include "networks/resnet.h"

namespace normadd::experiment {
namespace {

networks::Preprocessing preprocessing_of(const BackboneOptions& options) {
  networks::Preprocessing preprocessing = networks::Preprocessing::imagenet(options.resize_px, options.crop_px);
  preprocessing.mode = networks::parse_resize_mode(options.resize_mode);
  preprocessing.filter = imaging::parse_filter(options.filter);
  return preprocessing;
}

}  // namespace

std::shared_ptr<const networks::FeatureExtractor> make_feature_extractor(const BackboneOptions& options) {
  required_path(options.weights, "backbone.weights");
  if (options.name == "clip") {
    if (options.precision != "float32") {
      throw core::ConfigError(fmt::format("CLIP features are computed in float32, not in {}", options.precision),
                              "backbone.precision", "Set backbone.precision=float32.");
    }
    return networks::ClipFeatureExtractor::load(options.weights, options.taps, preprocessing_of(options));
  }
  return networks::load_resnet(options.name, options.weights, options.taps, preprocessing_of(options),
                               networks::parse_precision(options.precision));
}

}  // namespace normadd::experiment
