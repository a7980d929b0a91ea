// SPDX-License-Identifier: Apache-2.0
#include "metrics/radix_sort.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace normadd::metrics {
namespace {

/// Below this, comparing is faster than counting.
constexpr std::size_t kFewKeys = 512;
constexpr std::size_t kBuckets = 256;

template <typename Key>
void sort_from(std::span<Key> keys, int shift) {
  if (keys.size() <= kFewKeys) {
    std::sort(keys.begin(), keys.end());
    return;
  }
  const auto byte_of = [shift](Key key) { return static_cast<std::size_t>(key >> shift) & (kBuckets - 1); };
  std::array<std::size_t, kBuckets> next{}, end{};
  for (const Key key : keys) ++end[byte_of(key)];
  for (std::size_t bucket = 1; bucket < kBuckets; ++bucket) {
    next[bucket] = end[bucket - 1];
    end[bucket] += end[bucket - 1];
  }
  const auto begin = next;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    while (next[bucket] < end[bucket]) {
      // Carries one key after another to its bucket until one arrives that belongs here.
      Key carried = keys[next[bucket]];
      for (std::size_t home = byte_of(carried); home != bucket; home = byte_of(carried)) {
        std::swap(carried, keys[next[home]++]);
      }
      keys[next[bucket]++] = carried;
    }
  }
  if (shift == 0) return;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    sort_from(keys.subspan(begin[bucket], end[bucket] - begin[bucket]), shift - 8);
  }
}

}  // namespace

void sort_ascending(std::span<std::uint32_t> keys) { sort_from(keys, 24); }
void sort_ascending(std::span<std::uint64_t> keys) { sort_from(keys, 56); }

}  // namespace normadd::metrics
