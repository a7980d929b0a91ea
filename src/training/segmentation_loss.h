// SPDX-License-Identifier: Apache-2.0
// Losses for "which pixels (or patches) show the defect": focal, dice, weighted cross-entropy. All differentiable.
// Sources: Lin et al., arXiv 1708.02002 (focal); Milletari et al., arXiv 1606.04797 (dice); for april_gan_* the
// behaviour of ByChelsea/VAND-APRIL-GAN loss.py.
#pragma once

#include <ATen/core/Tensor.h>

namespace normadd::training {

/// APRIL-GAN's focal loss. probabilities [B, 2, H, W] after softmax (channel 1 = anomalous), mask [B, H, W] in {0, 1}.
/// One-hot targets clamped to [1e-5, 1 - 1e-5], p_t = sum of target * p + 1e-5, mean of -(1 - p_t)^2 ln p_t. Scalar.
at::Tensor april_gan_focal(const at::Tensor& probabilities, const at::Tensor& mask);

/// APRIL-GAN's dice loss. probability and mask [B, H, W]. 1 - mean over images of (2 sum pg + 1) / (sum p + sum g + 1).
at::Tensor april_gan_dice(const at::Tensor& probability, const at::Tensor& mask);

/// Focal loss of independent yes/no decisions, gamma 2, summed and divided by the number of positives (at least 1).
/// logits and targets [...] of the same shape, targets in {0, 1}. Scalar.
at::Tensor binary_focal(const at::Tensor& logits, const at::Tensor& targets);

/// Dice loss for each class of the last axis over all other axes, then the mean over the classes that occur (over all
/// when none does). probabilities and targets [..., K].
at::Tensor dice_per_class(const at::Tensor& probabilities, const at::Tensor& targets);

/// Cross-entropy over classes {0 = normal, 1 ... K}. logits [..., K] are relative to the normal class, whose logit is
/// 0; target [...] int64. Mean weighted by normal_weight for class 0 and 1 for the others.
at::Tensor cross_entropy_against_normal(const at::Tensor& logits, const at::Tensor& target, double normal_weight);

}  // namespace normadd::training
