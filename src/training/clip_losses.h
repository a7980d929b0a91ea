// SPDX-License-Identifier: Apache-2.0
// What the micro CLIP is asked to do in one step: name the defect in every patch, and match windows with captions.
// The dense part compares a patch with "this category with type k" and with "this category, normal", which is exactly
// what a normality detector does later; the contrastive part is CLIP's (Radford et al., arXiv 2103.00020, figure 3).
// Shapes: B windows, N patches each, C categories, K defect types, E embedding.
#pragma once

#include <ATen/core/Tensor.h>

#include "networks/clip.h"
#include "networks/dense_layers.h"
#include "training/window_batch.h"

namespace normadd::training {

struct ClipLossWeights {
  double focal = 0.5;
  double dice = 1.0;
  double cross_entropy = 1.0;
  double normal_patches = 0.05;  // weight of the normal class inside the cross-entropy
  double contrastive = 0.3;
};

struct ClipLosses {
  at::Tensor total;  // scalar with gradient
  double focal = 0, dice = 0, cross_entropy = 0, contrastive = 0;
  double type_accuracy =
      0;  // share of the defective patches of the last tap whose most likely class is the right type; 0 if none
};

/// text [C, 1 + K, E]: one caption embedding per category and {normal, type}, unit length.
ClipLosses clip_losses(const networks::Clip& clip, const networks::DenseLayers& layers, const WindowBatch& batch,
                       const at::Tensor& text, const ClipLossWeights& weights);

/// Symmetric cross-entropy of image [B, E] against text [B, E], both unit length, row i belonging to row i; pairs of
/// equal group [B] int64 are no negatives for each other. scale multiplies the cosines. Scalar.
at::Tensor contrastive_loss(const at::Tensor& image, const at::Tensor& text, const at::Tensor& group,
                            const at::Tensor& scale);

}  // namespace normadd::training
