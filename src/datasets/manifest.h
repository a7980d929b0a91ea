// SPDX-License-Identifier: Apache-2.0
// What a dataset consists of, byte for byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace normadd::datasets {

struct ManifestEntry {
  std::string path;  // relative to the root, '/'-separated
  std::uint64_t bytes = 0;
  std::string xxh128;
};

/// Hashes the files in parallel, with the help of the FileHashMemory in use; entries come in the order of the paths. Throws DataError for an unreadable file.
std::vector<ManifestEntry> make_manifest(const std::filesystem::path& root, const std::vector<std::string>& paths);

/// One hash of all paths and contents.
std::string content_hash(const std::vector<ManifestEntry>& manifest);

std::string manifest_json(const std::vector<ManifestEntry>& manifest);

}  // namespace normadd::datasets
