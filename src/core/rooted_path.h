// SPDX-License-Identifier: Apache-2.0
// Paths that come from configs and manifests must stay below their root.
#pragma once

#include <filesystem>

namespace normadd::core {

/// root / relative, after resolving "..", "." and symbolic links. Throws DataError when the result lies outside root
/// or when relative is absolute.
std::filesystem::path path_below(const std::filesystem::path& root, const std::filesystem::path& relative);

}  // namespace normadd::core
