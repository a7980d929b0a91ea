// SPDX-License-Identifier: Apache-2.0
#include "detectors/patchcore.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/atomic_file.h"
#include "core/error.h"
#include "detectors/small_network.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using core::ConfigError;
using core::DataError;
using core::WeightsError;
using test::expect_error;

ImageSource source_of(const std::vector<imaging::Image>& images) {
  return {images.size(), [&images](std::size_t i) { return images[i]; }};
}

void expect_same_bytes(const std::vector<Prediction>& a, const std::vector<Prediction>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].map.values, b[i].map.values) << i;
    EXPECT_EQ(a[i].score, b[i].score) << i;
    EXPECT_EQ(a[i].geometry, b[i].geometry) << i;
  }
}

void expect_map_near(const imaging::Map& map, const at::Tensor& expected, double tolerance) {
  ASSERT_EQ(static_cast<std::int64_t>(map.values.size()), expected.numel());
  const float* const values = expected.data_ptr<float>();
  double worst = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(map.values[i]) - values[i]));
  }
  EXPECT_LE(worst, tolerance * expected.abs().max().item<double>());
}

class PatchCoreTest : public ::testing::Test {
 protected:
  static PatchCoreOptions small_options() {
    PatchCoreOptions options;
    options.layer_dims = 96;
    options.embedding_dims = 64;
    options.projection_dims = 16;
    options.coreset_ratio = 0.25;
    return options;
  }

  PatchCore fitted(const PatchCoreOptions& options, std::uint64_t seed = 0) const {
    PatchCore patchcore(options, network_);
    patchcore.fit(source_of(train_), seed);
    return patchcore;
  }

  /// Squashed to 32 x 32, as the golden's pictures are.
  PatchCoreOptions anomalib_options() const {
    network_->preprocessing_.mode = networks::ResizeMode::kSquash;
    network_->preprocessing_.resize_px = 32;
    network_->preprocessing_.crop_px = 0;
    PatchCoreOptions options;
    options.profile = "anomalib";
    options.coreset_ratio = 0.25;
    return options;
  }

  PatchCoreOptions profile_options(const std::string& profile) const {
    if (profile == "anomalib") return anomalib_options();
    PatchCoreOptions options = small_options();
    options.profile = profile;
    return options;
  }

  void expect_predictions(const std::vector<Prediction>& predictions, const std::string& golden) const {
    const at::Tensor maps = golden_.tensor(golden + ".maps"), scores = golden_.tensor(golden + ".scores");
    ASSERT_EQ(predictions.size(), 2u);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      const double expected = scores[static_cast<std::int64_t>(i)].item<double>();
      EXPECT_NEAR(predictions[i].score / expected, 1, 1e-4);
      EXPECT_EQ(predictions[i].map.size(), (imaging::Size{32, 32}));
      expect_map_near(predictions[i].map, maps[static_cast<std::int64_t>(i)], 1e-4);
    }
    EXPECT_GT(predictions[1].score, 2 * predictions[0].score) << "the second picture has the defect";
  }

  networks::SafetensorsFile golden_ = patchcore_golden();
  std::vector<imaging::Image> train_ = images_of(golden_.tensor("images.train"));
  std::vector<imaging::Image> test_ = images_of(golden_.tensor("images.test"));
  std::shared_ptr<SmallNetwork> network_ = std::make_shared<SmallNetwork>(golden_network());
  test::TemporaryDirectory directory_;
};

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

TEST_F(PatchCoreTest, ReloadedDetectorGivesTheSameBytesUnderEveryProfile) {
  for (const std::string profile : {"amazon", "paper", "anomalib"}) {
    const auto path = directory_.path() / (profile + ".safetensors");
    const PatchCoreOptions options = profile_options(profile);
    const PatchCore original = fitted(options);
    original.save(path);
    PatchCore reloaded(options, network_);
    reloaded.load(path);
    expect_same_bytes(reloaded.predict(test_), original.predict(test_));
    const auto again = directory_.path() / "again.safetensors";
    reloaded.save(again);
    EXPECT_EQ(core::read_file(again), core::read_file(path));
  }
}

TEST_F(PatchCoreTest, FilesOfAnotherFormatAreRefused) {
  const auto path = directory_.path() / "patchcore.safetensors";
  const PatchCore original = fitted(small_options());
  original.save(path);
  auto header = networks::SafetensorsFile::open(path).metadata();
  for (const std::string format : {"1", "3", ""}) {
    header["normadd.format"] = format;
    const auto other = directory_.path() / "other.safetensors";
    networks::write_safetensors(other, {{"bank", original.bank()}}, header);
    PatchCore reloaded(small_options(), network_);
    expect_error<WeightsError>([&] { reloaded.load(other); }, {"reads format 2", other.string()});
  }
}

TEST_F(PatchCoreTest, FewShotsAreTheImagesThatWereChosen) {
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 1;
  const at::Tensor all = fitted(options).bank();
  ImageSource named = source_of(train_);
  named.ids = {"c", "a", "b"};
  options.few_shot.shots = 2;
  PatchCore two(options, network_);
  two.fit(named, 0);
  EXPECT_TRUE(at::allclose(two.bank(), all.narrow(0, 64, 128), 1e-5, 1e-6));  // a and b are the second and the third
  EXPECT_LT(two.memory_estimate(3, {46, 54}).fit_bytes,
            PatchCore(small_options(), network_).memory_estimate(3, {46, 54}).fit_bytes);
  const auto path = directory_.path() / "two.safetensors";
  two.save(path);
  options.few_shot.shots = 1;
  expect_error<WeightsError>([&] { PatchCore(options, network_).load(path); }, {"detector.shots was 2 and is now 1"});
  options.few_shot.shots = 4;
  expect_error<DataError>([&] { PatchCore(options, network_).fit(named, 0); }, {"4 shots", "only 3"});
}

TEST_F(PatchCoreTest, OptionsThatChangeNoPredictionMayDiffer) {
  const auto path = directory_.path() / "patchcore.safetensors";
  fitted(small_options()).save(path);
  PatchCoreOptions options = small_options();
  options.batch_size = 7;
  options.memory_limit_gb = 1;
  EXPECT_NO_THROW(PatchCore(options, network_).load(path));
}

TEST_F(PatchCoreTest, LoadingUnderOtherSettingsNamesTheDifference) {
  const auto path = directory_.path() / "patchcore.safetensors";
  fitted(small_options()).save(path);
  const auto refused = [&](const PatchCoreOptions& options, const SmallNetwork& network,
                           const std::vector<std::string>& mentions) {
    PatchCore other(options, std::make_shared<SmallNetwork>(network));
    expect_error<WeightsError>([&] { other.load(path); }, mentions);
  };
  PatchCoreOptions options = small_options();
  options.coreset_ratio = 0.5;
  refused(options, *network_, {"detector.coreset_ratio was 0.25 and is now 0.5", path.string()});
  options = small_options();
  options.blur_sigma_px = std::nullopt;
  refused(options, *network_, {"detector.blur_sigma_px was 4.0 and is now null"});
  SmallNetwork network = *network_;
  network.weights_sha256_ = "4567";
  refused(small_options(), network, {"weights_sha256 was \"0123\" and is now \"4567\""});
  network = *network_;
  network.preprocessing_.filter = imaging::Filter::kBicubic;
  refused(small_options(), network, {"preprocessing.filter was \"bilinear\" and is now \"bicubic\""});
  network = *network_;
  network.description_ = "other taps";
  refused(small_options(), network, {"network was \"small network\" and is now \"other taps\""});
}

TEST_F(PatchCoreTest, ForeignAndDamagedFilesAreRefused) {
  const auto path = directory_.path() / "file.safetensors";
  PatchCore patchcore(small_options(), network_);
  networks::write_safetensors(path, {{"bank", at::ones({3, 64})}});
  expect_error<WeightsError>([&] { patchcore.load(path); }, {path.string(), "not a saved detector"});

  fitted(small_options()).save(path);
  const auto saved = networks::SafetensorsFile::open(path);
  const auto rewritten = directory_.path() / "rewritten.safetensors";
  const auto refused = [&](const at::Tensor& bank, const std::vector<std::string>& mentions) {
    networks::write_safetensors(rewritten, {{"bank", bank}}, saved.metadata());
    expect_error<WeightsError>([&] { patchcore.load(rewritten); }, mentions);
  };
  refused(at::ones({3, 63}), {"bank", rewritten.string()});
  refused(at::ones({0, 64}), {"bank"});
  refused(at::ones({3, 64}, at::kDouble), {"bank"});
  refused(at::full({3, 64}, std::nanf("")), {"bank", "not finite"});
  auto damaged = saved.metadata();
  damaged["normadd.detector"] = "[1";
  networks::write_safetensors(rewritten, {{"bank", at::ones({3, 64})}}, damaged);
  expect_error<WeightsError>([&] { patchcore.load(rewritten); }, {"damaged", rewritten.string()});
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
