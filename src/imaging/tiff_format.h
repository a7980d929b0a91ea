// SPDX-License-Identifier: Apache-2.0
// TIFF files of one channel of numbers (LibTIFF).
#pragma once

#include <filesystem>
#include <string>

#include "imaging/image.h"

namespace normadd::imaging {

/// Whether a whole file's bytes start as a TIFF or BigTIFF does, of either byte order.
bool is_tiff(const std::string& bytes);

/// Throws DataError naming path for everything but the pages that read_map promises to read. whole_numbers: whether the
/// file held integers.
Map decode_tiff(const std::string& bytes, const std::filesystem::path& path, bool& whole_numbers);

/// path is for messages only.
std::string encode_tiff(const Map& map, const std::filesystem::path& path);

}  // namespace normadd::imaging
