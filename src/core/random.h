// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine: one root seed, named streams, own distributions.
// std:: distributions are avoided because their sequences differ between standard libraries.
// Source of the generator: Blackman and Vigna, "Scrambled linear pseudorandom number generators", xoshiro256**; seeding
// by splitmix64.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace normadd::core {

/// An independent stream of random numbers, fixed by (root seed, name). Copy it to replay it.
class RandomStream {
 public:
  /// name says what the stream is for, e.g. "coreset/hazelnut"; other names give unrelated streams.
  RandomStream(std::uint64_t root_seed, std::string_view name);

  std::uint64_t bits();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in [0, count), unbiased; count > 0.
  std::size_t index(std::size_t count);
  /// Standard normal (Box-Muller).
  double normal();
  bool chance(double probability) { return uniform() < probability; }

  template <typename T>
  const T& pick(const std::vector<T>& values) {
    return values[index(values.size())];
  }
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[index(i)]);
  }

  /// The state, for checkpoints; a stream made from it goes on where this one stands.
  std::array<std::uint64_t, 4> state() const { return state_; }
  void restore(const std::array<std::uint64_t, 4>& state);

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace normadd::core
