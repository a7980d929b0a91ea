// SPDX-License-Identifier: Apache-2.0
// Scores as unsigned integers of the same order, which sort and pack well.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace normadd::metrics {

/// Ascending with the value; -0 and 0 are the same. Of a negative float all bits are turned over, of another the sign.
/// Finite scores only.
inline std::uint32_t key_of(float score) {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0f);  // -0 becomes 0
  return bits ^ ((bits >> 31) != 0 ? 0xFFFFFFFFu : 0x80000000u);
}

inline float score_of(std::uint32_t key) {
  return std::bit_cast<float>(key ^ ((key >> 31) != 0 ? 0x80000000u : 0xFFFFFFFFu));
}

/// A bin holds the scores whose floats agree in sign, exponent and the first nine bits of the mantissa: they are 0.2 %
/// apart at most. Bins ascend with the scores.
inline constexpr int kBitsWithinBin = 14;  // of the 23 of a float's mantissa
inline constexpr std::size_t kScoreBins = std::size_t{1} << (32 - kBitsWithinBin);
inline std::size_t bin_of(float score) { return key_of(score) >> kBitsWithinBin; }
/// Where a score lies inside its bin, in [0, 1).
inline float place_in_bin(float score) {
  constexpr std::uint32_t kWithin = (1u << kBitsWithinBin) - 1;
  return static_cast<float>(key_of(score) & kWithin) / (kWithin + 1);
}

}  // namespace normadd::metrics
