// SPDX-License-Identifier: Apache-2.0
// Content hashes: sha256 identifies weights and downloads, the 128-bit XXH3 identifies data and stage keys.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace normadd::core {

/// Lower-case hex, 64 characters.
std::string sha256_hex(std::string_view bytes);
/// Streams the file. Throws DataError when it cannot be read.
std::string sha256_hex_of_file(const std::filesystem::path& path);

/// Lower-case hex, 32 characters; not for security.
std::string xxh128_hex(std::string_view bytes);
std::string xxh128_hex_of_file(const std::filesystem::path& path);

}  // namespace normadd::core
