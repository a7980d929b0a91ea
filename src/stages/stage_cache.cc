// SPDX-License-Identifier: Apache-2.0
#include "stages/stage_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/atomic_file.h"

namespace normadd::stages {

StageCache::StageCache(StageCacheOptions options) : options_(std::move(options)) {}

namespace {
std::filesystem::path entry_of(const std::filesystem::path& root, const StageKey& key) {
  const std::string hash = key.hash();
  return root / key.stage() / hash.substr(0, 2) / hash;
}
}  // namespace

void StageCache::obtain(const StageKey& key, const Files& make, const Files& load) {
  const auto root = options_.root.empty() ? std::filesystem::temp_directory_path() : options_.root;
  const auto folder = entry_of(root, key);
  StageCounts& count = counts_[key.stage()];
  if (!options_.root.empty() && std::filesystem::exists(folder)) {
    ++count.found;
    load(folder);
    return;
  }
  auto temporary = folder;
  temporary += fmt::format(".{}.tmp", ::getpid());
  core::make_directories(temporary);
  make(temporary);
  ++count.computed;
  std::filesystem::rename(temporary, folder);
  load(folder);
  if (options_.root.empty()) std::filesystem::remove_all(folder);
}

std::optional<StageEntry> StageCache::find(const StageKey& key) const {
  if (options_.root.empty()) return std::nullopt;
  const auto folder = entry_of(options_.root, key);
  if (!std::filesystem::exists(folder)) return std::nullopt;
  return StageEntry{key.stage(), key.hash(), folder, 1.0, 1, 0};
}

}  // namespace normadd::stages
