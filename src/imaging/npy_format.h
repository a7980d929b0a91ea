// SPDX-License-Identifier: Apache-2.0
// NumPy's NPY files, versions 1 to 3, numbers only: nothing in such a file is ever run.
// Source of the format: numpy.lib.format's documentation.
#pragma once

#include <filesystem>
#include <string>

#include "imaging/image.h"

namespace normadd::imaging {

/// bytes: a whole file that starts with NPY's signature. Throws DataError naming path for everything but the arrays
/// that read_map promises to read.
Map decode_npy(const std::string& bytes, const std::filesystem::path& path);

std::string encode_npy(const Map& map);

}  // namespace normadd::imaging
