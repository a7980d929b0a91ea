// SPDX-License-Identifier: Apache-2.0
// The keys of a job's stages. Raise a stage's version when its code gives other bytes for the same inputs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "experiment/job.h"
#include "experiment/session.h"
#include "stages/stage_key.h"

namespace normadd::experiment {

/// What one detector computes for one category.
struct DetectorKeys {
  stages::StageKey fit;                             // Detector::save()
  stages::StageKey maps;                            // anomaly maps of the test images
  stages::StageKey scale;                           // for fusions that subtract
  std::string fit_hash;                             // of fit
  std::string maps_hash;                            // of maps
  std::optional<std::filesystem::path> saved_file;  // of run.load_detectors, in place of a fit
};

/// Throws WeightsError when run.load_detectors lacks the category.
DetectorKeys detector_keys(const Job& job, const NamedDetector& detector, std::size_t category, Session& session);

/// Rows of metrics.csv on the original labels.
stages::StageKey original_metrics_key(const Job& job, const DetectorKeys& keys, std::size_t category, Session& session);

/// What the vision-language model's image tower gives for the test images.
stages::StageKey image_features_key(const Job& job, std::size_t category, Session& session);

}  // namespace normadd::experiment
