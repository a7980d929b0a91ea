// SPDX-License-Identifier: Apache-2.0
// The painters of all procedural categories.
// fixed holds what makes the category (hue, pitch, proportions): drawn anew for training pictures, the same for every
// picture of a demo category. instance holds what differs from picture to picture (placement, grain).
#pragma once

#include <string>

#include "core/random.h"
#include "datasets/procedural/canvas.h"
#include "imaging/image.h"

namespace normadd::datasets {

struct Scene {
  explicit Scene(int side) : canvas(side), object(side, side, 1) {}
  Canvas canvas;
  imaging::Mask object;  // 1 where the object is; the whole picture for a texture
};

using CategoryPainter = void (*)(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);

/// Throws InternalError for an unknown name.
CategoryPainter category_painter(const std::string& name);

// Textures: they fill the picture.
void paint_wood(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_leather(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_fabric(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_tile(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_metal(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_stone(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_foam(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_brick(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_board(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_carpet(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_grid(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_marble(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);

// Objects on a background.
void paint_nut(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_capsule(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_washer(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_pill(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_gear(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_bottle(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_cable(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);
void paint_hazelnut(core::RandomStream& fixed, core::RandomStream& instance, Scene& scene);

}  // namespace normadd::datasets
