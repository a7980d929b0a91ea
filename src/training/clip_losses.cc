// SPDX-License-Identifier: Apache-2.0
#include "training/clip_losses.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <limits>

#include "networks/transformer.h"
#include "training/segmentation_loss.h"

namespace normadd::training {
namespace {

/// As in the paper, section 2.5: larger factors on the cosines made training unstable.
const double kMaxLogitScale = std::log(100.0);

/// Share of the patches with a defect whose highest logit is that of their dominant type.
double type_accuracy(const at::Tensor& logits, const at::Tensor& dominant) {
  const at::NoGradGuard no_gradients;
  const at::Tensor defective = dominant > 0;
  const auto count = defective.sum().item<double>();
  if (count == 0) return 0;
  const at::Tensor right = (logits.argmax(-1) + 1 == dominant).logical_and(defective);
  return right.sum().item<double>() / count;
}

}  // namespace

at::Tensor contrastive_loss(const at::Tensor& image, const at::Tensor& text, const at::Tensor& group,
                            const at::Tensor& scale) {
  const at::Tensor same = group.unsqueeze(0) == group.unsqueeze(1);
  const at::Tensor self = at::eye(image.size(0), same.options()).to(at::kBool);
  const at::Tensor logits =
      (scale * at::matmul(image, text.t()))
          .masked_fill(same.logical_and(self.logical_not()), -std::numeric_limits<float>::infinity());
  const at::Tensor matching = at::arange(image.size(0), group.options());
  return 0.5 * (at::cross_entropy_loss(logits, matching) + at::cross_entropy_loss(logits.t(), matching));
}

ClipLosses clip_losses(const networks::Clip& clip, const networks::DenseLayers& layers, const WindowBatch& batch,
                       const at::Tensor& text, const ClipLossWeights& weights) {
  const at::Tensor positional =
      at::embedding(networks::weight(clip.weights(), "visual.positional_embedding"), batch.positions);
  const networks::ImageTokens tokens = clip.encode_image(batch.images, layers.taps, positional);
  const at::Tensor own_text = text.index_select(0, batch.category);  // [B, 1 + K, E]

  ClipLosses losses;
  at::Tensor focal, dice, cross_entropy;
  const auto add = [](at::Tensor& sum, const at::Tensor& term) { sum = sum.defined() ? sum + term : term; };
  for (std::size_t i = 0; i < layers.taps.size(); ++i) {
    const at::Tensor cosines = at::bmm(layers.project(i, tokens.patches[i]), own_text.transpose(1, 2));
    const at::Tensor logits = layers.temperature * (cosines.slice(2, 1) - cosines.slice(2, 0, 1));  // [B, N, K]
    add(focal, binary_focal(logits, batch.covered));
    add(dice, dice_per_class(at::sigmoid(logits), batch.covered));
    add(cross_entropy, cross_entropy_against_normal(logits, batch.dominant, weights.normal_patches));
    losses.type_accuracy = type_accuracy(logits, batch.dominant);
  }
  const at::Tensor scale = networks::weight(clip.weights(), "logit_scale").clamp_max(kMaxLogitScale).exp();
  const at::Tensor shown_text =
      own_text.gather(1, batch.shown.reshape({-1, 1, 1}).expand({-1, 1, own_text.size(2)})).squeeze(1);
  const at::Tensor contrastive = contrastive_loss(networks::unit_length(tokens.embedding), shown_text,
                                                  batch.category * text.size(1) + batch.shown, scale);

  const auto taps = static_cast<double>(layers.taps.size());
  losses.total = (weights.focal * focal + weights.dice * dice + weights.cross_entropy * cross_entropy) / taps +
                 weights.contrastive * contrastive;
  losses.focal = focal.item<double>() / taps;
  losses.dice = dice.item<double>() / taps;
  losses.cross_entropy = cross_entropy.item<double>() / taps;
  losses.contrastive = contrastive.item<double>();
  return losses;
}

}  // namespace normadd::training
