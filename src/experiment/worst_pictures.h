// SPDX-License-Identifier: Apache-2.0
// Small pictures of the test images that a run got most wrong, for its report.
#pragma once

#include <filesystem>

#include "datasets/dataset.h"

namespace normadd::experiment {

/// Longest side of a thumbnail.
inline constexpr int kThumbnail_px = 160;

/// For each image of reporting::worst_errors of folder/scores.csv: images/worst_NN_NAME.png with the outline of its
/// mask, at most kThumbnail_px wide and high, and images/worst.json. Throws DataError for unreadable images,
/// OutputError.
void write_worst_pictures(const datasets::Dataset& dataset, const std::filesystem::path& folder);

}  // namespace normadd::experiment
