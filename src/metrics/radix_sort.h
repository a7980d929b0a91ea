// SPDX-License-Identifier: Apache-2.0
// Sorting in place: hundreds of millions of keys leave no room for a second copy.
#pragma once

#include <cstdint>
#include <span>

namespace normadd::metrics {

/// Ascending, in place, without allocating: byte by byte from the most significant ("American flag sort": McIlroy,
/// Bostic, McIlroy, Engineering radix sort, 1993).
void sort_ascending(std::span<std::uint32_t> keys);
void sort_ascending(std::span<std::uint64_t> keys);

}  // namespace normadd::metrics
