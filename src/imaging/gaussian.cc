// SPDX-License-Identifier: Apache-2.0
#include "imaging/gaussian.h"

#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"

namespace normadd::imaging {
namespace {

std::vector<double> taps_of(double sigma) {
  constexpr double kTruncate = 4.0;
  const int radius = static_cast<int>(kTruncate * sigma + 0.5);
  if (radius == 0) return {1.0};
  std::vector<double> taps(2 * radius + 1);
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += taps[i + radius] = std::exp(-0.5 * i * i / (sigma * sigma));
  for (double& tap : taps) tap /= sum;
  return taps;
}

int mirrored(int i, int size, Border border) {
  if (size == 1) return 0;
  const int period = border == Border::kReflect ? 2 * size : 2 * size - 2;
  i = ((i % period) + period) % period;
  if (i < size) return i;
  return border == Border::kReflect ? period - 1 - i : period - i;
}

/// Adds weight * row to sums; the row is a whole line so that the loop vectorises in both passes.
__attribute__((target_clones("avx512f", "avx2", "default"))) void add_scaled(const float* row, double weight,
                                                                             double* sums, int count) {
  for (int i = 0; i < count; ++i) sums[i] += weight * row[i];
}

Map blur_columns(const Map& map, const std::vector<double>& taps, Border border) {
  const int radius = static_cast<int>(taps.size()) / 2;
  Map out(map.height, map.width);
  std::vector<double> sums(map.width);
  for (int y = 0; y < map.height; ++y) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int k = -radius; k <= radius; ++k) {
      add_scaled(map.row(mirrored(y + k, map.height, border)), taps[k + radius], sums.data(), map.width);
    }
    for (int x = 0; x < map.width; ++x) out.row(y)[x] = static_cast<float>(sums[x]);
  }
  return out;
}

Map transposed(const Map& map) {
  Map out(map.width, map.height);
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) out.row(x)[y] = map.row(y)[x];
  }
  return out;
}

}  // namespace

Map gaussian_blur(const Map& map, double sigma, Border border) {
  NORMADD_CHECK(sigma > 0 && sigma <= kLargestSigma, std::to_string(sigma));
  const std::vector<double> taps = taps_of(sigma);
  return transposed(blur_columns(transposed(blur_columns(map, taps, border)), taps, border));
}

}  // namespace normadd::imaging
