// SPDX-License-Identifier: Apache-2.0
// Where another tool left its maps: in the layout of MVTec's evaluation scripts, which mirrors the dataset's.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "datasets/dataset.h"

namespace normadd::experiment {

/// The map of each sample by its id: FOLDER/CATEGORY/test/TYPE/STEM with the extension .tiff, .tif, .npy or .png.
/// Throws one DataError that counts the missing ones and names the first, or names a map that is there twice. split:
/// what the samples are, for people ("test").
std::map<std::string, std::filesystem::path> find_map_files(const std::filesystem::path& folder,
                                                            std::span<const datasets::Sample> samples,
                                                            const std::string& split);

}  // namespace normadd::experiment
