// SPDX-License-Identifier: Apache-2.0
#include "training/clip_evaluation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "datasets/procedural.h"

namespace normadd::training {
namespace {

TEST(Auroc, EqualsTheShareOfOrderedPairs) {
  core::RandomStream random(1, "auroc");
  std::vector<double> positive, negative;
  for (int i = 0; i < 40; ++i) positive.push_back(static_cast<double>(random.index(10)) + 2);
  for (int i = 0; i < 30; ++i) negative.push_back(static_cast<double>(random.index(10)));
  double wins = 0;
  for (const double p : positive) {
    for (const double n : negative) wins += p > n ? 1 : p == n ? 0.5 : 0;
  }
  EXPECT_NEAR(auroc(positive, negative), wins / 1200, 1e-12);
  EXPECT_TRUE(std::isnan(auroc({}, negative)));
}

TEST(EvaluateClip, AnUntrainedModelNeitherFindsNorHelps) {
  networks::ClipConfig config;
  config.embedding = 8;
  config.image_px = 32;
  config.patch_px = 8;
  config.vision = {16, 2, 2, 32};
  config.text = {16, 1, 2, 32};
  config.context = 77;
  config.preprocessing = networks::Preprocessing::clip(32, networks::ResizeMode::kSquash);
  const auto clip = networks::Clip::random(config, networks::Tokenizer::from_merges({{"a", "b"}}), 3);
  const auto layers = networks::DenseLayers::random(clip.config(), {1, 2}, 30, 1);
  ClipEvaluationOptions options;
  options.train_good = options.test_good = 3;
  options.test_per_type = 2;
  options.map_taps = {1};
  const ClipEvaluation evaluation = evaluate_clip(clip, layers, options);
  ASSERT_EQ(evaluation.pairs.size(), 5 * datasets::procedural_demo_categories().size());
  EXPECT_LT(std::abs(evaluation.mean(&PairEvaluation::discrimination)), 0.1);
  EXPECT_LT(std::abs(evaluation.mean(&PairEvaluation::pixel_auroc) - 0.5), 0.2);
  for (const auto& pair : evaluation.pairs) {
    EXPECT_GE(pair.after, 0) << pair.category << ' ' << pair.type;
    EXPECT_LE(pair.before, 1) << pair.category << ' ' << pair.type;
  }
}

}  // namespace
}  // namespace normadd::training
