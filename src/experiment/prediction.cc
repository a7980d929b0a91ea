// SPDX-License-Identifier: Apache-2.0
#include "experiment/prediction.h"

#include "imaging/codec.h"
#include "normality/fusion.h"

namespace normadd::experiment {

std::vector<ScoredPrediction> predict_images(const detectors::Detector& detector,
                                             std::span<const std::filesystem::path> files,
                                             std::span<const std::string> ids) {
  std::vector<imaging::Image> images;
  images.reserve(files.size());
  for (const auto& file : files) images.push_back(imaging::read_image(file));
  std::vector<ScoredPrediction> scored;
  scored.reserve(files.size());
  for (auto& prediction : detector.predict(images, ids)) {
    const double score = normality::map_maximum(prediction.map);
    scored.push_back({std::move(prediction), score});
  }
  return scored;
}

}  // namespace normadd::experiment
