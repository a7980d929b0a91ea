// SPDX-License-Identifier: Apache-2.0
#include "core/random.h"

#include <xxhash.h>

#include <bit>
#include <cmath>
#include <numbers>

namespace normadd::core {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

RandomStream::RandomStream(std::uint64_t root_seed, std::string_view name) {
  std::uint64_t seed = XXH3_64bits_withSeed(name.data(), name.size(), root_seed);
  for (auto& word : state_) word = splitmix(seed);
}

void RandomStream::restore(const std::array<std::uint64_t, 4>& state) { state_ = state; }

std::uint64_t RandomStream::bits() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double RandomStream::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

std::size_t RandomStream::index(std::size_t count) {
  const std::uint64_t range = count;
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % range;
  std::uint64_t value = bits();
  while (value >= limit) value = bits();
  return static_cast<std::size_t>(value % range);
}

double RandomStream::normal() {
  // The second Box-Muller value is thrown away so that the stream's state is only its four words.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace normadd::core
