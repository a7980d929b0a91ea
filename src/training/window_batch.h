// SPDX-License-Identifier: Apache-2.0
// Batches of windows cut from training pictures, with the targets of every patch.
// Windows are aligned to the patch grid, so that each can use its own part of the positional embedding: training on a
// quarter of the area costs a quarter (attention less), and the model still learns the whole grid.
// Shapes: B windows, G patches along a window's side, K defect types.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

#include "core/random.h"
#include "training/training_pictures.h"

namespace normadd::training {

struct WindowPlan {
  int batch = 64;
  int window_px = 64;  // multiple of patch_px, at most the pictures' side
  int patch_px = 8;
  std::array<float, 3> mean{}, std{};
};

struct WindowBatch {
  at::Tensor images;     // [B, 3, window, window] float32, normalised
  at::Tensor positions;  // [B, 1 + G*G] int64: rows of the whole grid's positional embedding, class token first
  at::Tensor category;   // [B] int64
  at::Tensor covered;    // [B, G*G, K] float32: 1 where a type covers more than 8 % of the patch
  at::Tensor dominant;   // [B, G*G] int64: 1 + the type that covers most among these, 0 = normal
  at::Tensor shown;      // [B] int64: 1 + one of the types covering a patch of the window, drawn evenly; 0 = normal
};

/// Draws pictures with replacement. Three quarters of the windows on pictures with a defect are placed over a random
/// pixel of one, the others anywhere; each window is flipped and transposed at random (its place in the grid stays).
WindowBatch draw_windows(const std::vector<TrainingPicture>& pictures, const WindowPlan& plan,
                         core::RandomStream& random);

}  // namespace normadd::training
