// SPDX-License-Identifier: Apache-2.0
// The size of a cache and its limit. The sum of all entries is kept in a small file, so that adding one does not mean
// looking at all; when the sum passes the limit, everything is counted anew and the least worthy entries go.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace normadd::stages {

/// Entries used within this time are never evicted: a sweep may be at work on them.
inline constexpr std::chrono::seconds kSpared{600};

/// To be called after an entry of so many bytes was added. Evicts down to nine tenths of the limit. What cannot be
/// written or removed, or counted since another process is at it, is left for the next time.
void keep_within_budget(const std::filesystem::path& root, double max_gb, std::uint64_t added_bytes);

/// Counts all entries and writes the sum. Returns it.
std::uint64_t recount(const std::filesystem::path& root);

}  // namespace normadd::stages
