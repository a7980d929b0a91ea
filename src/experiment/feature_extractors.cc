// SPDX-License-Identifier: Apache-2.0
#include "experiment/feature_extractors.h"

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

std::shared_ptr<const networks::FeatureExtractor> clip_extractor(const BackboneOptions& options) {
  auto clip = std::make_shared<const networks::Clip>(networks::Clip::load(options.weights));
  networks::Preprocessing preprocessing = preprocessing_of(options);
  preprocessing.mean = clip->preprocessing().mean;
  preprocessing.std = clip->preprocessing().std;
  return std::make_shared<networks::ClipFeatureExtractor>(std::move(clip), options.taps, preprocessing);
}

}  // namespace

std::shared_ptr<const networks::FeatureExtractor> make_feature_extractor(const BackboneOptions& options) {
  required_path(options.weights, "backbone.weights");
  if (options.name == "clip") return clip_extractor(options);
  return networks::load_resnet(options.name, options.weights, options.taps, preprocessing_of(options),
                               networks::parse_precision(options.precision));
}

}  // namespace normadd::experiment
