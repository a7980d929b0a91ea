// SPDX-License-Identifier: Apache-2.0
// The hub's cache on disk, as huggingface_hub keeps it: models--OWNER--NAME/{refs,blobs,snapshots}, .locks beside.
// Source: huggingface_hub's documented cache layout. Reading needs no network.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/card.h"

namespace normadd::weights {

class HubCache {
 public:
  explicit HubCache(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  /// "OWNER/NAME" -> ROOT/models--OWNER--NAME
  std::filesystem::path repository(const std::string& name) const;
  std::filesystem::path snapshot(const std::string& repository, const std::string& commit) const;
  std::filesystem::path blob(const std::string& repository, const std::string& etag) const;
  std::filesystem::path lock(const std::string& repository, const std::string& etag) const;

  /// The commit that a branch or tag meant when it was last asked for.
  std::optional<std::string> commit_of(const std::string& repository, const std::string& ref) const;
  /// Commits of which there is anything; that of main first.
  std::vector<std::string> commits(const std::string& repository) const;

  /// Links snapshots/COMMIT/FILE to the blob, relatively; an older link is replaced at once. Throws OutputError.
  void link(const std::string& repository, const std::string& commit, const std::string& file,
            const std::string& etag) const;
  /// Throws OutputError.
  void set_ref(const std::string& repository, const std::string& ref, const std::string& commit) const;

 private:
  std::filesystem::path root_;
};

/// A card's weights in the cache.
struct CachedWeights {
  std::filesystem::path file, folder;  // folder: the snapshot
  std::string commit;
  bool right_commit = true;  // false: the card names another one
};

/// The pinned commit's file; else that of main or of another commit, which the caller must hold against the card's
/// hash.
std::optional<CachedWeights> find_cached(const HubCache& cache, const Card& card);

}  // namespace normadd::weights
