// SPDX-License-Identifier: Apache-2.0
#include "training/segmentation_loss.h"

#include <ATen/ATen.h>

namespace normadd::training {
namespace {

constexpr double kSmooth = 1e-5;

}  // namespace

at::Tensor april_gan_focal(const at::Tensor& probabilities, const at::Tensor& mask) {
  const at::Tensor anomalous = mask.clamp(kSmooth, 1 - kSmooth);
  const at::Tensor normal = (1 - mask).clamp(kSmooth, 1 - kSmooth);
  const at::Tensor p = normal * probabilities.select(1, 0) + anomalous * probabilities.select(1, 1) + kSmooth;
  return (-(1 - p).square() * p.log()).mean();
}

at::Tensor april_gan_dice(const at::Tensor& probability, const at::Tensor& mask) {
  const at::Tensor p = probability.flatten(1), g = mask.flatten(1);
  return 1 - ((2 * (p * g).sum(1) + 1) / (p.sum(1) + g.sum(1) + 1)).mean();
}

at::Tensor binary_focal(const at::Tensor& logits, const at::Tensor& targets) {
  const at::Tensor margin = logits * (2 * targets - 1);
  // ln p_t = -softplus(-margin): finite for any logit, unlike the logarithm of a sigmoid.
  const at::Tensor loss = at::sigmoid(-margin).square() * at::softplus(-margin);
  return loss.sum() / targets.sum().clamp_min(1);
}

at::Tensor dice_per_class(const at::Tensor& probabilities, const at::Tensor& targets) {
  const at::Tensor p = probabilities.flatten(0, -2), g = targets.flatten(0, -2);
  const at::Tensor positives = g.sum(0);
  const at::Tensor loss = 1 - (2 * (p * g).sum(0) + 1) / (p.sum(0) + positives + 1);
  const at::Tensor occurs = (positives > 0).to(loss.scalar_type());
  return at::where(occurs.sum() > 0, (loss * occurs).sum() / occurs.sum().clamp_min(1), loss.mean());
}

at::Tensor cross_entropy_against_normal(const at::Tensor& logits, const at::Tensor& target, double normal_weight) {
  const at::Tensor rows = logits.flatten(0, -2);
  const at::Tensor all = at::cat({at::zeros({rows.size(0), 1}, rows.options()), rows}, 1);
  const at::Tensor weights = at::ones({all.size(1)}, rows.options());
  weights[0].fill_(normal_weight);
  return at::cross_entropy_loss(all, target.flatten(), weights);
}

}  // namespace normadd::training
