// SPDX-License-Identifier: Apache-2.0
// The integers that CPython's random module draws, for published selections that were made with it.
// Source: Python 3, Lib/random.py (seed, getrandbits, _randbelow_with_getrandbits, sample) and
// Matsumoto and Nishimura's MT19937 with init_by_array (behaviour).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace normadd::detectors {

class PythonRandom {
 public:
  /// random.seed(seed).
  explicit PythonRandom(std::uint64_t seed);

  /// The generator's next word.
  std::uint32_t word();
  /// random.getrandbits(count) for 1 to 32 bits.
  std::uint32_t bits(int count) { return word() >> (32 - count); }
  /// Uniform in [0, count); count in [1, 2^31].
  std::uint32_t below(std::uint32_t count);
  /// random.sample(range(population), count); 0 <= count <= population.
  std::vector<std::int64_t> sample(std::int64_t population, std::int64_t count);

 private:
  static constexpr std::size_t kWords = 624;
  void seed_with_word(std::uint32_t seed);
  void renew();

  std::array<std::uint32_t, kWords> state_{};
  std::size_t next_ = kWords;
};

}  // namespace normadd::detectors
