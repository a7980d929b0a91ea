// SPDX-License-Identifier: Apache-2.0
#include "training/segmentation_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "networks/safetensors.h"
#include "random_tensor.h"
#include "support/temporary_directory.h"
#include "training/clip_losses.h"

namespace normadd::training {
namespace {

at::Tensor random_mask(const std::string& name, at::IntArrayRef shape) {
  return (random_tensor(name, shape, 0, 1) > 0.6).to(at::kDouble);
}

at::Tensor two_channels(const at::Tensor& probability) { return at::stack({1 - probability, probability}, 1); }

/// Values and gradients that autograd gave in tests/golden/detectors/make_clip_detector_goldens.py.
TEST(AprilGanLosses, ValuesAndGradientsEqualTheReference) {
  const auto golden = networks::SafetensorsFile::open(test::golden("training/segmentation_losses.safetensors"));
  const at::Tensor mask = golden.tensor("mask");
  for (const auto type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-12 : 1e-6;
    for (const std::string name : {"focal", "dice"}) {
      const at::Tensor logits = golden.tensor("logits").to(type).clone().set_requires_grad(true);
      const at::Tensor probabilities = at::softmax(logits, 1);
      const at::Tensor loss = name == "focal" ? april_gan_focal(probabilities, mask.to(type))
                                              : april_gan_dice(probabilities.select(1, 1), mask.to(type));
      loss.backward();
      EXPECT_NEAR(loss.item<double>(), golden.tensor(name).item<double>(), tolerance) << name;
      EXPECT_LE((logits.grad() - golden.tensor(name + ".gradient")).abs().max().item<double>(), tolerance) << name;
    }
  }
}

TEST(AprilGanFocal, EqualsTheFormulaPixelByPixel) {
  const at::Tensor p = random_tensor("focal", {2, 3, 4}, 0.01, 0.99), mask = random_mask("mask", {2, 3, 4});
  double sum = 0;
  for (std::int64_t i = 0; i < p.numel(); ++i) {
    const double probability = p.data_ptr<double>()[i], target = mask.data_ptr<double>()[i];
    const double anomalous = std::clamp(target, 1e-5, 1 - 1e-5), normal = std::clamp(1 - target, 1e-5, 1 - 1e-5);
    const double pt = normal * (1 - probability) + anomalous * probability + 1e-5;
    sum += -(1 - pt) * (1 - pt) * std::log(pt);
  }
  EXPECT_NEAR(april_gan_focal(two_channels(p), mask).item<double>(), sum / static_cast<double>(p.numel()), 1e-12);
}

TEST(AprilGanFocal, GradientMatchesDifferences) {
  const at::Tensor mask = random_mask("mask", {2, 3, 3});
  EXPECT_LT(gradient_error([&](const at::Tensor& p) { return april_gan_focal(two_channels(p), mask); },
                           random_tensor("p", {2, 3, 3}, 0.05, 0.95)),
            1e-7);
}

TEST(AprilGanDice, EqualsTheFormulaPerImage) {
  const at::Tensor p = random_tensor("dice", {3, 4, 4}, 0, 1);
  at::Tensor mask = random_mask("mask", {3, 4, 4});
  mask[1].zero_();
  double mean = 0;
  for (std::int64_t b = 0; b < 3; ++b) {
    double product = 0, sum_p = 0, sum_g = 0;
    for (std::int64_t i = 0; i < 16; ++i) {
      const double probability = p[b].contiguous().data_ptr<double>()[i], target = mask[b].data_ptr<double>()[i];
      product += probability * target;
      sum_p += probability;
      sum_g += target;
    }
    mean += (2 * product + 1) / (sum_p + sum_g + 1) / 3;
  }
  EXPECT_NEAR(april_gan_dice(p, mask).item<double>(), 1 - mean, 1e-12);
}

TEST(AprilGanDice, IsZeroForAPerfectMapAndHasTheRightGradient) {
  const at::Tensor mask = random_mask("mask", {2, 3, 3});
  EXPECT_NEAR(april_gan_dice(mask, mask).item<double>(), 0, 1e-12);
  EXPECT_LT(gradient_error([&](const at::Tensor& p) { return april_gan_dice(p, mask); },
                           random_tensor("p", {2, 3, 3}, 0.05, 0.95)),
            1e-8);
}

TEST(BinaryFocal, EqualsTheFormulaAndStaysFinite) {
  const at::Tensor logits = random_tensor("logits", {4, 5}, -6, 6), targets = random_mask("targets", {4, 5});
  double sum = 0, positives = 0;
  for (std::int64_t i = 0; i < logits.numel(); ++i) {
    const double p = 1 / (1 + std::exp(-logits.data_ptr<double>()[i])), y = targets.data_ptr<double>()[i];
    const double pt = y > 0 ? p : 1 - p;
    sum += -(1 - pt) * (1 - pt) * std::log(pt);
    positives += y;
  }
  EXPECT_NEAR(binary_focal(logits, targets).item<double>(), sum / positives, 1e-12);
  EXPECT_TRUE(std::isfinite(binary_focal(logits * 1e4, targets).item<double>()));
  EXPECT_LT(gradient_error([&](const at::Tensor& x) { return binary_focal(x, targets); }, logits), 1e-7);
}

TEST(DicePerClass, AveragesOverTheClassesThatOccur) {
  const at::Tensor p = random_tensor("p", {6, 3}, 0.1, 0.9);
  at::Tensor targets = at::zeros({6, 3}, at::kDouble);
  targets[2][1] = 1;
  targets[4][1] = 1;
  const double product = (p[2][1] + p[4][1]).item<double>(), sum = p.select(1, 1).sum().item<double>();
  EXPECT_NEAR(dice_per_class(p, targets).item<double>(), 1 - (2 * product + 1) / (sum + 2 + 1), 1e-12);
  EXPECT_GT(dice_per_class(p, at::zeros_like(p)).item<double>(), 0);
  EXPECT_LT(gradient_error([&](const at::Tensor& x) { return dice_per_class(x, targets); }, p), 1e-8);
}

TEST(CrossEntropyAgainstNormal, WeighsTheNormalClassDown) {
  const at::Tensor logits = random_tensor("logits", {5, 3}, -2, 2);
  const at::Tensor target = at::tensor({0, 2, 0, 1, 3}, at::kLong);
  double sum = 0, weights = 0;
  for (std::int64_t i = 0; i < 5; ++i) {
    double total = 1;
    for (std::int64_t k = 0; k < 3; ++k) total += std::exp(logits[i][k].item<double>());
    const auto y = target[i].item<std::int64_t>();
    const double log_probability = (y == 0 ? 0 : logits[i][y - 1].item<double>()) - std::log(total);
    const double weight = y == 0 ? 0.05 : 1.0;
    sum -= weight * log_probability;
    weights += weight;
  }
  EXPECT_NEAR(cross_entropy_against_normal(logits, target, 0.05).item<double>(), sum / weights, 1e-12);
}

TEST(ContrastiveLoss, LeavesEqualGroupsOutOfTheNegatives) {
  const at::Tensor image = networks::unit_length(random_tensor("image", {4, 3}, -1, 1)),
                   text = networks::unit_length(random_tensor("text", {4, 3}, -1, 1));
  const at::Tensor group = at::tensor({7, 8, 7, 9}, at::kLong);
  const auto one_way = [&](const at::Tensor& rows, const at::Tensor& columns) {
    double loss = 0;
    for (std::int64_t i = 0; i < 4; ++i) {
      double total = 0;
      for (std::int64_t j = 0; j < 4; ++j) {
        const bool counts = i == j || group[i].item<std::int64_t>() != group[j].item<std::int64_t>();
        if (counts) total += std::exp(10 * rows[i].dot(columns[j]).item<double>());
      }
      loss -= (10 * rows[i].dot(columns[i]).item<double>() - std::log(total)) / 4;
    }
    return loss;
  };
  const at::Tensor scale = at::full({}, 10, at::kDouble);
  EXPECT_NEAR(contrastive_loss(image, text, group, scale).item<double>(),
              (one_way(image, text) + one_way(text, image)) / 2, 1e-10);
}

}  // namespace
}  // namespace normadd::training
