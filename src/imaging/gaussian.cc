// SPDX-License-Identifier: Apache-2.0
#include "imaging/gaussian.h"

#include <algorithm>
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

/// out[x] = sum over k of weights[k] * rows[k][x], added up in that order. Blocks stay in registers over all rows.
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3"))) void weighted_sum(
    const std::vector<const float*>& rows, const std::vector<double>& weights, int count, float* out) {
  constexpr int kBlock = 16;
  int x = 0;
  for (; x + kBlock <= count; x += kBlock) {
    double sums[kBlock] = {};
    for (std::size_t k = 0; k < rows.size(); ++k) {
      for (int i = 0; i < kBlock; ++i) sums[i] += weights[k] * rows[k][x + i];
    }
    for (int i = 0; i < kBlock; ++i) out[x + i] = static_cast<float>(sums[i]);
  }
  for (; x < count; ++x) {
    double sum = 0;
    for (std::size_t k = 0; k < rows.size(); ++k) sum += weights[k] * rows[k][x];
    out[x] = static_cast<float>(sum);
  }
}

Map blur_columns(const Map& map, const std::vector<double>& taps, Border border) {
  const int radius = static_cast<int>(taps.size()) / 2;
  Map out(map.height, map.width);
  std::vector<const float*> rows(taps.size());
  for (int y = 0; y < map.height; ++y) {
    for (int k = -radius; k <= radius; ++k) rows[k + radius] = map.row(mirrored(y + k, map.height, border));
    weighted_sum(rows, taps, map.width, out.row(y));
  }
  return out;
}

Map blur_rows(const Map& map, const std::vector<double>& taps, Border border) {
  const int radius = static_cast<int>(taps.size()) / 2;
  Map out(map.height, map.width);
  std::vector<float> line(map.width + 2 * radius);  // a row with what lies beyond its ends
  std::vector<const float*> shifted(taps.size());
  for (std::size_t k = 0; k < shifted.size(); ++k) shifted[k] = line.data() + k;
  for (int y = 0; y < map.height; ++y) {
    std::copy_n(map.row(y), map.width, line.begin() + radius);
    for (int i = 1; i <= radius; ++i) {
      line[radius - i] = map.row(y)[mirrored(-i, map.width, border)];
      line[radius + map.width - 1 + i] = map.row(y)[mirrored(map.width - 1 + i, map.width, border)];
    }
    weighted_sum(shifted, taps, map.width, out.row(y));
  }
  return out;
}

}  // namespace

Map gaussian_blur(const Map& map, double sigma, Border border) {
  NORMADD_CHECK(sigma > 0 && sigma <= kLargestSigma, std::to_string(sigma));
  const std::vector<double> taps = taps_of(sigma);
  return blur_rows(blur_columns(map, taps, border), taps, border);
}

}  // namespace normadd::imaging
