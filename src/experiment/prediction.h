// SPDX-License-Identifier: Apache-2.0
// From picture files to maps and scores: the one way that runs and 'normadd predict' both take.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "detectors/detector.h"

namespace normadd::experiment {

struct ScoredPrediction {
  detectors::Prediction prediction;
  double score = 0;  // the map's maximum: the score of every table
};

/// One entry per file; ids: the pictures' names in their dataset. Results do not depend on how files are put together.
/// Throws DataError naming the first file that cannot be read, and what the detector throws.
std::vector<ScoredPrediction> predict_images(const detectors::Detector& detector,
                                             std::span<const std::filesystem::path> files,
                                             std::span<const std::string> ids);

}  // namespace normadd::experiment
