// SPDX-License-Identifier: Apache-2.0
#include "detectors/patchcore.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/error.h"
#include "detectors/patchcore_fixture.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using core::ConfigError;
using core::DataError;
using test::expect_error;

TEST_F(PatchCoreTest, AmazonsMapsAndScoresEqualTheReference) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 1;
  expect_predictions(fitted(options).predict(test_), "predicted");
}

TEST_F(PatchCoreTest, ThePapersMapsAndScoresEqualTheirDefinition) {
  PatchCoreOptions options = profile_options("paper");
  options.coreset_ratio = 1;
  expect_predictions(fitted(options).predict(test_), "paper");
}

TEST_F(PatchCoreTest, AnomalibsFeaturesMapsAndScoresEqualThePackages) {
  PatchCoreOptions options = anomalib_options();
  options.coreset_ratio = 1;
  const PatchCore patchcore = fitted(options);
  const at::Tensor rows = golden_.tensor("anomalib.rows");
  ASSERT_EQ(patchcore.bank().sizes(), rows.sizes());
  EXPECT_LE((patchcore.bank() - rows).abs().max().item<double>(), 1e-5 * rows.abs().max().item<double>());
  expect_predictions(patchcore.predict(test_), "anomalib");
}

TEST_F(PatchCoreTest, AProfileIsNothingButItsOptions) {
  // Amazon with every option of anomalib is anomalib, to the bit.
  PatchCoreOptions options = anomalib_options();
  const auto expected = fitted(options).predict(test_);
  options.profile = "amazon";
  options.pooling = "average";
  options.projection = "sparse";
  options.projection_epsilon = 0.9;
  options.coreset_start = "row_kept";
  options.squared = false;
  options.score_reweight = true;
  options.score_neighbours = 9;
  options.upsampling = "nearest";
  options.blur_border = "reflect_101";
  expect_same_bytes(fitted(options).predict(test_), expected);
}

TEST_F(PatchCoreTest, AStartThatIsKeptComesFirst) {
  PatchCoreOptions options = anomalib_options();
  const at::Tensor kept = fitted(options).bank();
  options.coreset_start = "row_left_out";
  const at::Tensor left_out = fitted(options).bank();
  ASSERT_EQ(kept.sizes(), left_out.sizes());
  EXPECT_TRUE(at::equal(kept.narrow(0, 1, kept.size(0) - 1), left_out.narrow(0, 0, kept.size(0) - 1)));
  EXPECT_FALSE((left_out == kept[0]).all(1).any().item<bool>());
}

TEST_F(PatchCoreTest, WithoutBlurTheMapIsTheUpsampledPatchScores) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 1;
  options.blur_sigma_px = std::nullopt;
  const auto predictions = fitted(options).predict(test_);
  for (std::size_t i = 0; i < 2; ++i) {
    expect_map_near(predictions[i].map, golden_.tensor("predicted.upsampled")[static_cast<std::int64_t>(i)], 1e-4);
  }
}

TEST_F(PatchCoreTest, TheWholeBankGivesTrainingImagesZero) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 1;
  for (const auto& prediction : fitted(options).predict(train_)) EXPECT_EQ(prediction.score, 0.0);
}

TEST_F(PatchCoreTest, BankIsTheFloorOfRatioTimesPatches) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 0.1;
  EXPECT_EQ(fitted(options).bank().sizes(), (std::vector<std::int64_t>{19, 64}));  // of 3 x 64 patches
}

TEST_F(PatchCoreTest, SmallerBanksArePrefixesOfLargerOnes) {
  PatchCoreOptions options = small_options();
  const at::Tensor large = fitted(options).bank();
  options.coreset_ratio = 0.05;
  const at::Tensor small = fitted(options).bank();
  EXPECT_TRUE(at::equal(small, large.narrow(0, 0, small.size(0))));
}

TEST_F(PatchCoreTest, BatchSizeChangesNothingButLastBits) {
  PatchCoreOptions options = small_options();
  options.batch_size = 1;
  const auto one_by_one = fitted(options).predict(test_);
  options.batch_size = 3;
  const auto together = fitted(options).predict(test_);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(together[i].score / one_by_one[i].score, 1, 1e-6);
}

TEST_F(PatchCoreTest, SeedDecidesTheBank) {
  EXPECT_TRUE(at::equal(fitted(small_options(), 3).bank(), fitted(small_options(), 3).bank()));
  EXPECT_FALSE(at::equal(fitted(small_options(), 3).bank(), fitted(small_options(), 4).bank()));
}

TEST_F(PatchCoreTest, MoreNeighboursAverageTheirDistances) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 1;
  const at::Tensor bank = fitted(options).bank().to(at::kDouble);
  // Training patches are all in the bank: each is its own first neighbour at distance 0.
  const at::Tensor squared = (bank.unsqueeze(1) - bank.unsqueeze(0)).square().sum(2);
  const at::Tensor nearest = std::get<0>(squared.sort(1)).narrow(1, 0, 3);
  options.neighbours = 3;
  const auto scores = [&](bool use_squares) {
    options.squared = use_squares;
    double largest = 0;
    for (const auto& prediction : fitted(options).predict(train_)) largest = std::max(largest, prediction.score);
    return largest;
  };
  EXPECT_NEAR(scores(true) / nearest.mean(1).max().item<double>(), 1, 1e-5);
  EXPECT_NEAR(scores(false) / nearest.clamp_min(0).sqrt().mean(1).max().item<double>(), 1, 1e-5);
}

TEST_F(PatchCoreTest, FitThatWouldNeedTooMuchMemorySaysWhatToChange) {
  PatchCoreOptions options = small_options();
  options.memory_limit_gb = 1e-5;
  PatchCore patchcore(options, network_);
  expect_error<ConfigError>([&] { patchcore.fit(source_of(train_), 0); },
                            {"detector.memory_limit_gb", "192 patches", "backbone.crop_px"});
}

TEST_F(PatchCoreTest, EstimateCountsFeaturesAndTheirProjectionOnce) {
  // That it is what a fit really takes is measured in tests/bench.
  const auto fit_bytes = [&](const PatchCoreOptions& options) {
    return static_cast<double>(PatchCore(options, network_).memory_estimate(1000, {46, 54}).fit_bytes);
  };
  const double rows = 1000.0 * 64;
  EXPECT_GT(fit_bytes({}), rows * (1024 + 128) * 4);
  EXPECT_LT(fit_bytes({}), rows * (1024 + 128) * 4 * 1.05);
  PatchCoreOptions options = anomalib_options();  // 16 + 24 channels; 273 dimensions for 64,000 rows
  options.coreset_ratio = 0.01;
  EXPECT_GT(fit_bytes(options), rows * (40 + 273) * 4);
  EXPECT_LT(fit_bytes(options), rows * (40 + 288) * 4 * 1.05);
  options.coreset_ratio = 1;
  EXPECT_LT(fit_bytes(options), rows * 40 * 4 * 1.01) << "without a choice there is no projection";
  const MemoryEstimate estimate = PatchCore(PatchCoreOptions{}, network_).memory_estimate(1000, {46, 54});
  EXPECT_LT(estimate.predict_bytes, std::uint64_t{64} << 20);
  EXPECT_NE(estimate.breakdown.find("64000 patches"), std::string::npos);
}

TEST_F(PatchCoreTest, NoTrainingImagesOrUnequalOnesAreRefused) {
  PatchCore patchcore(small_options(), network_);
  expect_error<DataError>([&] { patchcore.fit({0, {}}, 0); }, {"no training images"});
  network_->preprocessing_.crop_px = 0;
  train_.emplace_back(46, 80, 3);
  for (const int batch_size : {1, 4}) {
    PatchCoreOptions options = small_options();
    options.batch_size = batch_size;
    expect_error<DataError>([&] { PatchCore(options, network_).fit(source_of(train_), 0); },
                            {"number 4", "backbone.crop_px"});
  }
}

TEST_F(PatchCoreTest, MoreNeighboursThanBankRowsAreRefused) {
  PatchCoreOptions options = small_options();
  options.neighbours = 200;
  expect_error<ConfigError>([&] { fitted(options); }, {"48 rows", "200", "detector.neighbours"});
}

TEST_F(PatchCoreTest, UseBeforeFitIsABug) {
  const PatchCore patchcore(small_options(), network_);
  expect_error<core::InternalError>([&] { patchcore.predict(test_); }, {"neither fitted nor loaded"});
}

// A real network's convolutions are the likeliest to change last bits with threads, and the greedy choice to amplify
// them.
TEST_F(PatchCoreTest, ThreadsDoNotChangeMapsOnAResNet) {
  const std::shared_ptr<const networks::FeatureExtractor> resnet =
      networks::make_resnet("micro_resnet", networks::formula_resnet(networks::tiny_architecture()), "formula",
                            {"layer1", "layer2", "layer3"}, networks::Preprocessing::imagenet(48, 32));
  const int threads = at::get_num_threads();
  std::vector<std::vector<Prediction>> predictions;
  for (const int count : {1, 2}) {
    at::set_num_threads(count);
    PatchCore patchcore(small_options(), resnet);
    patchcore.fit(source_of(train_), 0);
    predictions.push_back(patchcore.predict(test_));
  }
  at::set_num_threads(threads);
  for (std::size_t i = 0; i < test_.size(); ++i) {
    EXPECT_NEAR(predictions[1][i].score / predictions[0][i].score, 1, 1e-6);
    for (std::size_t k = 0; k < predictions[0][i].map.values.size(); ++k) {
      ASSERT_NEAR(predictions[1][i].map.values[k] / predictions[0][i].map.values[k], 1, 1e-5);
    }
  }
}

}  // namespace
}  // namespace normadd::detectors
