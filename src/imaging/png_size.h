// SPDX-License-Identifier: Apache-2.0
// A PNG's size from its first 24 bytes.
#pragma once

#include <filesystem>
#include <optional>

#include "imaging/image.h"

namespace normadd::imaging {

/// Nothing when the file cannot be read or is no PNG. Source: PNG specification, 11.2.2 (IHDR).
std::optional<Size> png_size(const std::filesystem::path& path);

}  // namespace normadd::imaging
