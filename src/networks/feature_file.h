// SPDX-License-Identifier: Apache-2.0
// Feature maps of a backbone as a file, so that anyone can hold ours against another implementation's.
#pragma once

#include <filesystem>
#include <vector>

#include "networks/feature_extractor.h"

namespace normadd::networks {

/// Writes, for each picture (counted from 0) and each tap, a tensor "<index>.<tap>" [C, h, w] float32 into a
/// safetensors file, atomically. tap_names are the names under which extractor was asked for its taps. Pictures may
/// differ in size. Metadata: the pictures' file names as "<index>.image", and the sha256 of the weights. Throws
/// DataError naming an unreadable picture, OutputError naming out.
void write_feature_file(const FeatureExtractor& extractor, const std::vector<std::string>& tap_names,
                        const std::vector<std::filesystem::path>& images, const std::filesystem::path& out);

}  // namespace normadd::networks
