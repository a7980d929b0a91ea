// SPDX-License-Identifier: Apache-2.0
#include "bench/machine_speed.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <chrono>

namespace normadd::bench {
namespace {

template <typename Work>
double best_seconds(int repetitions, Work work) {
  double best = 1e30;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

__attribute__((target_clones("avx512f", "avx2", "default"))) float sum_of(const float* values, std::int64_t count) {
  constexpr std::int64_t kLanes = 64;
  float sums[kLanes] = {};
  for (std::int64_t i = 0; i + kLanes <= count; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) sums[k] += values[i + k];
  }
  return *std::max_element(sums, sums + kLanes);
}

}  // namespace

MachineSpeed measure_machine() {
  constexpr std::int64_t kSide = 2048;
  const at::Tensor a = at::rand({kSide, kSide}), b = at::rand({kSide, kSide});
  at::Tensor c = at::empty({kSide, kSide});
  MachineSpeed speed;
  speed.flops_per_s = 2.0 * kSide * kSide * kSide / best_seconds(8, [&] { at::mm_out(c, a, b); });
  // The same product as a 1x1 convolution over channels-last pixels, which is the library that convolutions use.
  const at::Tensor pixels = at::rand({1, kSide, 32, 64}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor kernel = at::rand({kSide, kSide, 1, 1}).contiguous(at::MemoryFormat::ChannelsLast);
  const double product_s = best_seconds(8, [&] { at::conv2d(pixels, kernel); });
  speed.flops_per_s = std::max(speed.flops_per_s, 2.0 * kSide * kSide * kSide / product_s);

  constexpr std::int64_t kCount = std::int64_t{128} << 20;  // 512 MB
  const at::Tensor block = at::ones({kCount});
  const float* const values = block.data_ptr<float>();
  std::atomic<float> kept{0};  // so that the reading is not optimised away
  const double reading = best_seconds(5, [&] {
    at::parallel_for(0, kCount, kCount / 64,
                     [&](std::int64_t begin, std::int64_t end) { kept = sum_of(values + begin, end - begin); });
  });
  speed.bytes_per_s = static_cast<double>(kCount) * sizeof(float) / reading;
  return speed;
}

}  // namespace normadd::bench
