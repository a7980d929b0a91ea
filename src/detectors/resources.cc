// SPDX-License-Identifier: Apache-2.0
#include "detectors/resources.h"

namespace normadd::detectors {

Resources fixed_resources(std::shared_ptr<const networks::FeatureExtractor> extractor) {
  return {[extractor = std::move(extractor)](const FeatureRequest&) { return extractor; },
          [](const ClipRequest& request) {
            return std::make_shared<const networks::Clip>(
                networks::Clip::load(request.folder, request.image_px, request.activation));
          }};
}

}  // namespace normadd::detectors
