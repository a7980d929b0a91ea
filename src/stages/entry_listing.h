// SPDX-License-Identifier: Apache-2.0
// All entries of a cache, for people, for eviction, and for estimates of what a stage will cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stages/stage_cache.h"

namespace normadd::stages {

/// Reads every entry.json below root, in no particular order; damaged entries have the bytes of their files and cost
/// nothing to recompute, so that they are evicted first. A missing root has no entries.
std::vector<StageEntry> list_entries(const std::filesystem::path& root);

/// Which entries must go so that the rest has at most `bytes`: those that are cheapest to recompute per byte first, of
/// equal ones the longest idle. Entries used within `spared` stay, whatever the sum.
std::vector<StageEntry> entries_to_evict(std::vector<StageEntry> entries, std::uint64_t bytes,
                                         std::chrono::seconds spared);

/// Removes an entry so that no reader ever sees half of it. False when it was gone already or cannot be removed.
bool remove_entry(const std::filesystem::path& root, const StageEntry& entry);

/// Median cost of the entries of each (stage, label), and of each stage under the label "".
struct StageCost {
  double seconds = 0;
  std::uint64_t bytes = 0;
};
using StageHistory = std::map<std::pair<std::string, std::string>, StageCost>;
StageHistory history_of(const std::vector<StageEntry>& entries);

}  // namespace normadd::stages
