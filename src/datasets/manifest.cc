// SPDX-License-Identifier: Apache-2.0
#include "datasets/manifest.h"

#include <nlohmann/json.hpp>

#include "core/file_hash_memory.h"
#include "core/hashing.h"
#include "datasets/parallel_files.h"

namespace normadd::datasets {

std::vector<ManifestEntry> make_manifest(const std::filesystem::path& root, const std::vector<std::string>& paths) {
  std::vector<ManifestEntry> manifest(paths.size());
  core::FileHashMemory* const memory = core::FileHashMemory::current();
  for_each_in_parallel(paths.size(), [&](std::size_t i) {
    const auto file = root / paths[i];
    manifest[i] = {paths[i], 0, memory != nullptr ? memory->xxh128(file) : core::xxh128_hex_of_file(file)};
    manifest[i].bytes = std::filesystem::file_size(file);
  });
  return manifest;
}

std::string content_hash(const std::vector<ManifestEntry>& manifest) {
  std::string text;
  for (const auto& entry : manifest) text += entry.path + '\0' + entry.xxh128 + '\n';
  return core::xxh128_hex(text);
}

std::string manifest_json(const std::vector<ManifestEntry>& manifest) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto& entry : manifest)
    json.push_back({{"path", entry.path}, {"bytes", entry.bytes}, {"xxh128", entry.xxh128}});
  return nlohmann::ordered_json{{"content_hash", content_hash(manifest)}, {"files", json}}.dump(1) + "\n";
}

}  // namespace normadd::datasets
