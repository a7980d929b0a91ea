// SPDX-License-Identifier: Apache-2.0
// How anomaly maps and image features are kept: safetensors, with geometries in the metadata. Numbers come back to the
// bit.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "detectors/detector.h"
#include "normality/normality_detector.h"

namespace normadd::experiment {

/// Throws OutputError.
void write_predictions(const std::filesystem::path& file, std::span<const detectors::Prediction> predictions);
/// Throws WeightsError for a file that write_predictions did not write. Nothing refers to the file afterwards.
std::vector<detectors::Prediction> read_predictions(const std::filesystem::path& file);

/// As above.
void write_features(const std::filesystem::path& file, std::span<const normality::ImageFeatures> features);
std::vector<normality::ImageFeatures> read_features(const std::filesystem::path& file);

}  // namespace normadd::experiment
