// SPDX-License-Identifier: Apache-2.0
#include "training/adamw.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::training {
namespace {

TEST(AdamW, EqualsTheAlgorithmWrittenOut) {
  networks::TensorMap weights{{"w", at::full({1, 1}, 2.0, at::kFloat)}};
  AdamW optimiser(weights, {.weight_decay = 0.1});
  double value = 2, first = 0, second = 0;
  for (int t = 1; t <= 5; ++t) {
    optimiser.clear_gradients();
    weights["w"].square().sum().backward();
    optimiser.step(0.05);
    const double gradient = 2 * value;
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient * gradient;
    value -= 0.05 * 0.1 * value;
    value -= 0.05 * (first / (1 - std::pow(0.9, t))) / (std::sqrt(second / (1 - std::pow(0.999, t))) + 1e-8);
    EXPECT_NEAR(weights["w"].item<double>(), value, 1e-5) << "step " << t;
  }
}

TEST(AdamW, DecaysMatricesOnly) {
  networks::TensorMap weights{{"matrix", at::ones({2, 2})}, {"bias", at::ones({2})}};
  AdamW optimiser(weights, {.weight_decay = 0.5});
  (weights["matrix"].sum() * 0 + weights["bias"].sum() * 0).backward();
  optimiser.step(0.1);
  EXPECT_NEAR(weights["matrix"][0][0].item<double>(), 0.95, 1e-6);
  EXPECT_EQ(weights["bias"][0].item<float>(), 1.0f);
}

TEST(AdamW, ClipsTheJointNorm) {
  networks::TensorMap weights{{"a", at::ones({1})}, {"b", at::ones({1})}};
  AdamW optimiser(weights, {});
  (3 * weights["a"].sum() + 4 * weights["b"].sum()).backward();
  EXPECT_NEAR(optimiser.clip_gradients(1.0), 5.0, 1e-6);
  EXPECT_NEAR(weights["a"].grad().item<double>(), 0.6, 1e-6);
  EXPECT_NEAR(weights["b"].grad().item<double>(), 0.8, 1e-6);
}

TEST(AdamW, RefusesAStateOfAnotherShape) {
  AdamW wide(networks::TensorMap{{"w", at::ones({3})}}, {}), narrow(networks::TensorMap{{"w", at::ones({2})}}, {});
  test::expect_error<core::WeightsError>([&] { narrow.restore(wide.state(), 1, "there.safetensors"); },
                                         {"first/w", "there.safetensors"});
}

TEST(WarmupCosine, RisesThenFallsToZero) {
  EXPECT_DOUBLE_EQ(warmup_cosine(2, 0, 4, 10), 0.5);
  EXPECT_DOUBLE_EQ(warmup_cosine(2, 3, 4, 10), 2);
  EXPECT_DOUBLE_EQ(warmup_cosine(2, 4, 4, 10), 2);
  EXPECT_NEAR(warmup_cosine(2, 7, 4, 10), 1, 1e-12);
  EXPECT_NEAR(warmup_cosine(2, 10, 4, 10), 0, 1e-12);
}

}  // namespace
}  // namespace normadd::training
