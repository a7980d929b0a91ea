// SPDX-License-Identifier: Apache-2.0
// Content-addressed outputs of stages, shared by jobs, processes and machines on one file system.
// An entry is a folder ROOT/STAGE/ab/HASH with the stage's files and entry.json (inputs, seconds it took, bytes,
// checksums). It is written under a private name, synced and renamed: it exists whole or not at all. A lease keeps two
// processes from computing the same entry; should it happen all the same, the second result is thrown away.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/lease.h"
#include "stages/stage_key.h"

namespace normadd::stages {

struct StageCacheOptions {
  std::filesystem::path root;    // empty: nothing is kept, every stage is computed when asked for
  std::optional<double> max_gb;  // what is cheapest to recompute per byte goes first when the sum exceeds it
  core::LeaseTimes lease;
};

/// What is known of an entry without reading its files.
struct StageEntry {
  std::string stage, hash;
  std::filesystem::path folder;
  std::string label;        // see StageKey::label
  double seconds = 0;       // what computing it took
  std::uint64_t bytes = 0;  // of all its files
  double idle_seconds = 0;  // since it was last used
};

/// How often each stage was computed, and how often it was found ready, by this object.
struct StageCounts {
  std::size_t computed = 0, found = 0;
};

class StageCache {
 public:
  explicit StageCache(StageCacheOptions options);

  using Files = std::function<void(const std::filesystem::path& folder)>;
  /// Hands the finished entry's folder to load. When there is none, or its files do not have their checksums, make
  /// writes them into an empty folder first, while other processes that want the same wait. Files in the folder must
  /// not be used after load returns. What make or load throws goes through, and nothing is kept of a failed make.
  /// Throws Interrupted while waiting, OutputError when the disk is full.
  void obtain(const StageKey& key, const Files& make, const Files& load);

  /// Without checking the files' contents.
  std::optional<StageEntry> find(const StageKey& key) const;
  /// Cheaper than find().
  bool contains(const StageKey& key) const;
  const std::map<std::string, StageCounts>& counts() const { return counts_; }
  const StageCacheOptions& options() const { return options_; }

 private:
  std::filesystem::path folder_of(const StageKey& key) const;
  bool use(const StageKey& key, const std::filesystem::path& folder, const Files& load);
  core::Lease waited_for(const StageKey& key, const std::filesystem::path& folder) const;
  void compute(const StageKey& key, const std::filesystem::path& folder, const Files& make, const Files& load);

  StageCacheOptions options_;
  bool is_read_only_ = false;
  std::map<std::string, StageCounts> counts_;
};

}  // namespace normadd::stages
