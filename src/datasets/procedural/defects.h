// SPDX-License-Identifier: Apache-2.0
// The painters of the ten defect types: the same on every category.
#pragma once

#include <cstddef>

#include "core/random.h"
#include "datasets/procedural/categories.h"

namespace normadd::datasets {

/// Paints one defect of procedural_defect_types()[type] with its centre inside the object and marks its pixels in
/// defect_class as 1 + type. Pixels outside the mark keep their value exactly. The contrast is drawn from U(0.35, 1).
void paint_defect(std::size_t type, core::RandomStream& random, Scene& scene, imaging::Image& defect_class);

}  // namespace normadd::datasets
