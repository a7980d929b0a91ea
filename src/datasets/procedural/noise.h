// SPDX-License-Identifier: Apache-2.0
// Lattice noise: pure functions of (seed, position), so that a texture can be evaluated at any pixel in any order.
#pragma once

#include <cstdint>

namespace normadd::datasets {

/// Uniform in [0, 1), fixed by the seed and the cell.
float cell_random(std::uint32_t seed, int x, int y);

/// Smooth value noise in [0, 1], period of about one unit.
float value_noise(std::uint32_t seed, float x, float y);

/// Sum of octaves of value noise, each of half the size and half the height of the one before; in [0, 1].
float fractal_noise(std::uint32_t seed, float x, float y, int octaves);

/// Cellular noise: distances to the nearest and second nearest of one random point per unit cell.
struct CellDistances {
  float nearest, second;
};
CellDistances cellular_noise(std::uint32_t seed, float x, float y);

}  // namespace normadd::datasets
