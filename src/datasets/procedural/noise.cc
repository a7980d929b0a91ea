// SPDX-License-Identifier: Apache-2.0
#include "datasets/procedural/noise.h"

#include <algorithm>
#include <cmath>

namespace normadd::datasets {
namespace {

std::uint32_t mixed(std::uint32_t h) {
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h *= 0x846ca68bU;
  return h ^ (h >> 16);
}

float smooth(float t) { return t * t * (3.0f - 2.0f * t); }

}  // namespace

float cell_random(std::uint32_t seed, int x, int y) {
  const auto h =
      mixed(seed ^ mixed(static_cast<std::uint32_t>(x) * 0x9e3779b9U ^ mixed(static_cast<std::uint32_t>(y))));
  return static_cast<float>(h >> 8) * 0x1.0p-24f;
}

float value_noise(std::uint32_t seed, float x, float y) {
  const float floor_x = std::floor(x), floor_y = std::floor(y);
  const int cell_x = static_cast<int>(floor_x), cell_y = static_cast<int>(floor_y);
  const float u = smooth(x - floor_x), v = smooth(y - floor_y);
  const float top = std::lerp(cell_random(seed, cell_x, cell_y), cell_random(seed, cell_x + 1, cell_y), u);
  const float bottom = std::lerp(cell_random(seed, cell_x, cell_y + 1), cell_random(seed, cell_x + 1, cell_y + 1), u);
  return std::lerp(top, bottom, v);
}

float fractal_noise(std::uint32_t seed, float x, float y, int octaves) {
  float sum = 0, height = 1, total = 0;
  for (int i = 0; i < octaves; ++i) {
    sum += height * value_noise(seed + static_cast<std::uint32_t>(i) * 7919U, x, y);
    total += height;
    height *= 0.5f;
    x *= 2.0f;
    y *= 2.0f;
  }
  return sum / total;
}

CellDistances cellular_noise(std::uint32_t seed, float x, float y) {
  const int cell_x = static_cast<int>(std::floor(x)), cell_y = static_cast<int>(std::floor(y));
  float nearest = 9, second = 9;
  for (int dy = -1; dy <= 1; ++dy) {
    for (int dx = -1; dx <= 1; ++dx) {
      const float point_x = static_cast<float>(cell_x + dx) + cell_random(seed, cell_x + dx, cell_y + dy);
      const float point_y = static_cast<float>(cell_y + dy) + cell_random(seed + 1, cell_x + dx, cell_y + dy);
      const float squared = (point_x - x) * (point_x - x) + (point_y - y) * (point_y - y);
      if (squared < nearest) {
        second = nearest;
        nearest = squared;
      } else {
        second = std::min(second, squared);
      }
    }
  }
  return {std::sqrt(nearest), std::sqrt(second)};
}

}  // namespace normadd::datasets
