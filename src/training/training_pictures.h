// SPDX-License-Identifier: Apache-2.0
// The pictures that the micro models learn from: drawn once, before training, by the procedural generator.
#pragma once

#include <cstdint>
#include <vector>

#include "imaging/image.h"

namespace normadd::training {

struct TrainingPicture {
  int category = 0;             // index into datasets::procedural_training_categories()
  imaging::Image image;         // RGB, side x side
  imaging::Image defect_class;  // 0 = normal, 1 + index into datasets::procedural_defect_types()
};

/// count pictures, categories in turn; a quarter is good, half shows one defect, a quarter two of different types.
/// Picture i depends on (seed, i) alone, so that the number of threads changes nothing.
std::vector<TrainingPicture> draw_training_pictures(std::uint64_t seed, int count, int side, int threads);

}  // namespace normadd::training
