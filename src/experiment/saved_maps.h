// SPDX-License-Identifier: Apache-2.0
// The anomaly maps of a run as files, for evaluation by others and for the detector 'external'.
#pragma once

#include <filesystem>

#include "datasets/dataset.h"
#include "experiment/tested_images.h"

namespace normadd::experiment {

/// Where a picture's map goes: folder/ID with the extension .tiff (for MVTec AD: CATEGORY/test/TYPE/NAME.tiff).
std::filesystem::path map_file(const std::filesystem::path& folder, const std::string& id);

/// Writes A of every test image as float32 TIFF in the map's own geometry, and folder/geometry.json, which states it
/// and is shared by the categories that are written to the same folder. Throws OutputError; DataError when two pictures
/// would share a file.
void save_maps(const std::filesystem::path& folder, const datasets::Category& category, const TestedImages& tested);

}  // namespace normadd::experiment
