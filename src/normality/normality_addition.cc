// SPDX-License-Identifier: Apache-2.0
#include "normality/normality_addition.h"

namespace normadd::normality {

imaging::Map align_and_fuse(const detectors::Prediction& prediction, const imaging::Map& suppression,
                            const imaging::Geometry& suppression_geometry, const FusionOptions& options, double scale) {
  return fuse(prediction.map, imaging::map_in_crop(suppression, suppression_geometry, prediction.geometry, 0.0f),
              options, scale);
}

NormalityAddition::NormalityAddition(std::shared_ptr<detectors::Detector> detector,
                                     std::shared_ptr<NormalityDetector> normality_detector, const TextPair& added,
                                     FusionOptions fusion, double scale)
    : detector_(std::move(detector)),
      normality_detector_(std::move(normality_detector)),
      fusion_(std::move(fusion)),
      scale_(scale) {
  normality_detector_->encode(std::span<const TextPair>(&added, 1));
}

std::vector<detectors::Prediction> NormalityAddition::predict(std::span<const imaging::Image> images,
                                                              std::span<const std::string> ids) const {
  auto predictions = detector_->predict(images, ids);
  const auto suppressions = normality_detector_->suppress(images);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    predictions[i].map =
        align_and_fuse(predictions[i], suppressions[i].maps.front(), suppressions[i].geometry, fusion_, scale_);
    predictions[i].score = map_maximum(predictions[i].map);
  }
  return predictions;
}

}  // namespace normadd::normality
