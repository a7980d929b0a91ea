// SPDX-License-Identifier: Apache-2.0
#include "detectors/python_random.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <set>
#include <string>

#include "core/error.h"

namespace normadd::detectors {

PythonRandom::PythonRandom(std::uint64_t seed) {
  // std::mt19937 takes one word as its seed; Python hands over a list of words, whatever the seed's size.
  std::vector<std::uint32_t> key{static_cast<std::uint32_t>(seed)};
  if (seed >> 32 != 0) key.push_back(static_cast<std::uint32_t>(seed >> 32));
  seed_with_word(19650218u);
  const auto scrambled = [this](std::size_t i, std::uint32_t factor) {
    return state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * factor);
  };
  std::size_t i = 1;
  const auto step = [&] {
    if (++i < kWords) return;
    state_[0] = state_[kWords - 1];
    i = 1;
  };
  for (std::size_t n = 0, j = 0; n < std::max(kWords, key.size()); ++n, j = (j + 1) % key.size()) {
    state_[i] = scrambled(i, 1664525u) + key[j] + static_cast<std::uint32_t>(j);
    step();
  }
  for (std::size_t n = 0; n + 1 < kWords; ++n) {
    state_[i] = scrambled(i, 1566083941u) - static_cast<std::uint32_t>(i);
    step();
  }
  state_[0] = 0x80000000u;
}

void PythonRandom::seed_with_word(std::uint32_t seed) {
  state_[0] = seed;
  for (std::size_t i = 1; i < kWords; ++i) {
    state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
  }
}

void PythonRandom::renew() {
  constexpr std::size_t kAhead = 397;
  for (std::size_t i = 0; i < kWords; ++i) {
    const std::uint32_t joined = (state_[i] & 0x80000000u) | (state_[(i + 1) % kWords] & 0x7fffffffu);
    state_[i] = state_[(i + kAhead) % kWords] ^ (joined >> 1) ^ ((joined & 1u) != 0 ? 0x9908b0dfu : 0u);
  }
  next_ = 0;
}

std::uint32_t PythonRandom::word() {
  if (next_ == kWords) renew();
  std::uint32_t y = state_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

std::uint32_t PythonRandom::below(std::uint32_t count) {
  NORMADD_CHECK(count >= 1, std::to_string(count));
  const int width = std::bit_width(count);
  std::uint32_t drawn = bits(width);
  while (drawn >= count) drawn = bits(width);
  return drawn;
}

std::vector<std::int64_t> PythonRandom::sample(std::int64_t population, std::int64_t count) {
  NORMADD_CHECK(0 <= count && count <= population && population < (std::int64_t{1} << 31),
                std::to_string(count) + " of " + std::to_string(population));
  // Python keeps the whole population as a list where that is not larger than a set of the selected would be.
  std::int64_t set_size = 21;
  if (count > 5) {
    std::int64_t power = 1;
    while (power < 3 * count) power *= 4;
    set_size += power;
  }
  std::vector<std::int64_t> selected;
  selected.reserve(static_cast<std::size_t>(count));
  if (population <= set_size) {
    std::vector<std::int64_t> pool(static_cast<std::size_t>(population));
    std::iota(pool.begin(), pool.end(), 0);
    for (std::int64_t left = population; left > population - count; --left) {
      const std::uint32_t j = below(static_cast<std::uint32_t>(left));
      selected.push_back(pool[j]);
      pool[j] = pool[static_cast<std::size_t>(left - 1)];
    }
    return selected;
  }
  std::set<std::int64_t> seen;
  while (static_cast<std::int64_t>(selected.size()) < count) {
    const std::int64_t drawn = below(static_cast<std::uint32_t>(population));
    if (seen.insert(drawn).second) selected.push_back(drawn);
  }
  return selected;
}

}  // namespace normadd::detectors
