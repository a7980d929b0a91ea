// SPDX-License-Identifier: Apache-2.0
#include "detectors/padim.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

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
    EXPECT_TRUE(a[i].map.values == b[i].map.values) << i;
    EXPECT_EQ(a[i].score, b[i].score) << i;
    EXPECT_EQ(a[i].geometry, b[i].geometry) << i;
  }
}

/// Relative to each map's maximum, which is the score.
void expect_maps_and_scores(const std::vector<Prediction>& predictions, const at::Tensor& expected) {
  ASSERT_EQ(static_cast<std::int64_t>(predictions.size()), expected.size(0));
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const at::Tensor map = expected[static_cast<std::int64_t>(i)].contiguous();
    const double score = map.max().item<double>();
    ASSERT_EQ(static_cast<std::int64_t>(predictions[i].map.values.size()), map.numel());
    double worst = 0;
    for (std::size_t k = 0; k < predictions[i].map.values.size(); ++k) {
      worst = std::max(worst, std::abs(static_cast<double>(predictions[i].map.values[k]) - map.data_ptr<float>()[k]));
    }
    EXPECT_LE(worst / score, 1e-4) << i;
    EXPECT_NEAR(predictions[i].score / score, 1, 1e-4) << i;
  }
}

class PadimTest : public ::testing::Test {
 protected:
  PadimTest() { network_->preprocessing_.filter = imaging::Filter::kLanczos; }

  static PadimOptions small_options(int dims = 8) {
    PadimOptions options;
    options.dims = dims;
    return options;
  }

  static PadimOptions anomalib_options() {
    PadimOptions options;
    options.profile = "anomalib";
    return options;
  }

  Padim fitted(const PadimOptions& options, std::uint64_t seed = 0) const {
    Padim padim(options, network_);
    padim.fit(source_of(train_), seed);
    return padim;
  }

  void squash() {
    network_->preprocessing_.mode = networks::ResizeMode::kSquash;
    network_->preprocessing_.crop_px = 0;
    network_->preprocessing_.filter = imaging::Filter::kBilinear;
  }

  networks::SafetensorsFile golden_ = networks::SafetensorsFile::open(test::golden("detectors/padim.safetensors"));
  std::vector<imaging::Image> train_ = images_of(golden_.tensor("images.train"));
  std::vector<imaging::Image> test_ = images_of(golden_.tensor("images.test"));
  std::shared_ptr<SmallNetwork> network_ =
      std::make_shared<SmallNetwork>(golden_.tensor("network.first"), golden_.tensor("network.second"));
  test::TemporaryDirectory directory_;
};

TEST_F(PadimTest, MapsAndScoresEqualTheReference) {
  for (const int dims : {8, 30}) {
    const auto predictions = fitted(small_options(dims)).predict(test_);
    expect_maps_and_scores(predictions, golden_.tensor("reference." + std::to_string(dims) + ".maps"));
    EXPECT_GT(predictions[1].score, 3 * predictions[0].score) << "the second picture has the defect";
  }
}

TEST_F(PadimTest, MapsAndScoresEqualAnomalibs) {
  squash();
  const auto predictions = fitted(anomalib_options()).predict(test_);
  expect_maps_and_scores(predictions, golden_.tensor("anomalib.maps"));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(predictions[i].score / golden_.tensor("anomalib.scores")[static_cast<std::int64_t>(i)].item<double>(),
                1, 1e-4);
  }
}

TEST_F(PadimTest, EachDifferenceBetweenTheProfilesIsAnOption) {
  squash();
  PadimOptions spelled_out;
  spelled_out.selection = "seed";
  spelled_out.regularisation = 0.01 + 1e-5;
  spelled_out.blur_border = "reflect_101";
  expect_same_bytes(fitted(spelled_out, 5).predict(test_), fitted(anomalib_options(), 5).predict(test_));
  spelled_out = anomalib_options();
  spelled_out.selection = "python";
  spelled_out.regularisation = 0.01;
  spelled_out.blur_border = "reflect";
  expect_same_bytes(fitted(spelled_out, 5).predict(test_), fitted(PadimOptions{}, 6).predict(test_));
}

TEST_F(PadimTest, EachOptionChangesThePrediction) {
  const double plain = fitted(small_options()).predict(test_)[1].score;
  const auto changes = [&](auto change) {
    PadimOptions options = small_options();
    change(options);
    EXPECT_NE(fitted(options).predict(test_)[1].score, plain);
  };
  changes([](PadimOptions& options) { options.dims = 9; });
  changes([](PadimOptions& options) { options.selection = "seed"; });
  changes([](PadimOptions& options) { options.selection_seed = 1; });
  changes([](PadimOptions& options) { options.regularisation = 0.02; });
  changes([](PadimOptions& options) { options.blur_sigma_px = std::nullopt; });
  PadimOptions options = small_options();
  options.blur_border = "reflect_101";
  EXPECT_NE(fitted(options).predict(test_)[1].map.values, fitted(small_options()).predict(test_)[1].map.values);
}

TEST_F(PadimTest, ProfilesAskForTheirPreparationOfPictures) {
  const FeatureRequest reference = PadimOptions{}.feature_request(), anomalib = anomalib_options().feature_request();
  for (const auto& request : {reference, anomalib}) {
    EXPECT_EQ(request.taps, (std::vector<std::string>{"layer1", "layer2", "layer3"}));
    EXPECT_EQ(request.resize_px, 256);
  }
  EXPECT_EQ(reference.resize_mode, networks::ResizeMode::kShorterSide);
  EXPECT_EQ(reference.crop_px, 224);
  EXPECT_EQ(reference.filter, imaging::Filter::kLanczos);
  EXPECT_EQ(anomalib.resize_mode, networks::ResizeMode::kSquash);
  EXPECT_EQ(anomalib.crop_px, 0);
  EXPECT_EQ(anomalib.filter, imaging::Filter::kBilinear);
}

TEST_F(PadimTest, NumberOfDimensionsFollowsThatOfChannels) {
  for (const auto& [channels, dims] :
       std::vector<std::pair<int, int>>{{40, 40}, {112, 100}, {448, 100}, {449, 449}, {1792, 550}}) {
    EXPECT_EQ(padim_settings({}, channels).dims, dims);
  }
  PadimOptions options;
  options.dims = 49;
  expect_error<ConfigError>([&] { Padim(options, network_); }, {"49 dimensions", "48 channels", "detector.dims"});
}

TEST_F(PadimTest, SelectionDependsOnTheSeedOnlyWhereItShould) {
  PadimOptions options = small_options(12);
  EXPECT_EQ(fitted(options, 1).channels(), fitted(options, 2).channels());
  options.selection = "seed";
  const auto channels = fitted(options, 1).channels();
  EXPECT_EQ(channels, fitted(options, 1).channels());
  EXPECT_NE(channels, fitted(options, 2).channels());
  EXPECT_EQ(std::set(channels.begin(), channels.end()).size(), 12u);
}

/// Its features depend on no batch size, to the bit.
std::shared_ptr<const networks::FeatureExtractor> tiny_resnet(const networks::Preprocessing& preprocessing) {
  return networks::make_resnet("micro_resnet", networks::formula_resnet(networks::tiny_architecture()), "formula",
                               {"layer1", "layer2", "layer3"}, preprocessing);
}

TEST_F(PadimTest, BatchSizeChangesNoBit) {
  const auto resnet = tiny_resnet(networks::Preprocessing::imagenet(48, 32));
  std::vector<std::vector<Prediction>> predictions;
  for (const int batch_size : {1, 5, 64}) {
    PadimOptions options;
    options.batch_size = batch_size;
    Padim padim(options, resnet);
    padim.fit(source_of(train_), 0);
    predictions.push_back(padim.predict(train_));
  }
  expect_same_bytes(predictions[0], predictions[1]);
  expect_same_bytes(predictions[0], predictions[2]);
}

TEST_F(PadimTest, ThreadsDoNotChangeMapsOnAResNet) {
  const auto resnet = tiny_resnet(networks::Preprocessing::imagenet(48, 32));
  const int threads = at::get_num_threads();
  std::vector<std::vector<Prediction>> predictions;
  for (const int count : {1, 2}) {
    at::set_num_threads(count);
    Padim padim({}, resnet);
    padim.fit(source_of(train_), 0);
    predictions.push_back(padim.predict(test_));
  }
  at::set_num_threads(threads);
  for (std::size_t i = 0; i < test_.size(); ++i) {
    EXPECT_NEAR(predictions[1][i].score / predictions[0][i].score, 1, 1e-6);
    for (std::size_t k = 0; k < predictions[0][i].map.values.size(); ++k) {
      ASSERT_NEAR(predictions[1][i].map.values[k] / predictions[0][i].map.values[k], 1, 1e-5);
    }
  }
}

TEST_F(PadimTest, SavedAndLoadedPredictsTheSameBits) {
  for (const char* const selection : {"python", "seed"}) {
    PadimOptions options = small_options(30);
    options.selection = selection;
    const Padim original = fitted(options, 3);
    const auto path = directory_ / "padim.safetensors";
    original.save(path, {{"category", "carpet"}});
    EXPECT_EQ(networks::SafetensorsFile::open(path).metadata().at("category"), "carpet");
    Padim reloaded(options, network_);
    reloaded.load(path);
    EXPECT_EQ(reloaded.channels(), original.channels());
    expect_same_bytes(reloaded.predict(test_), original.predict(test_));
    reloaded.save(directory_ / "again.safetensors", {{"category", "carpet"}});
    EXPECT_EQ(core::read_file(directory_ / "again.safetensors"), core::read_file(path));
  }
}

TEST_F(PadimTest, FilesOf550DimensionsAreHalfTheMatricesAndPredictTheSameBits) {
  const auto wide = std::make_shared<SmallNetwork>(networks::formula_tensor("first", {256, 3, 4, 4}, -0.3, 0.3),
                                                   networks::formula_tensor("second", {512, 256, 2, 2}, -0.1, 0.1));
  Padim original({}, wide);
  ASSERT_NO_THROW(original.fit(source_of(train_), 0));
  EXPECT_EQ(original.gaussians().dims(), 550);
  const auto path = directory_ / "padim.safetensors";
  original.save(path);
  const double factors = 64.0 * 550 * 551 / 2 * 4, means = 64.0 * 550 * 4;
  EXPECT_NEAR(static_cast<double>(std::filesystem::file_size(path)), factors + means, 8192);
  Padim reloaded({}, wide);
  reloaded.load(path);
  expect_same_bytes(reloaded.predict(test_), original.predict(test_));
}

TEST_F(PadimTest, OptionsThatChangeNoPredictionMayDiffer) {
  const auto path = directory_ / "padim.safetensors";
  fitted(small_options()).save(path);
  PadimOptions options = small_options();
  options.batch_size = 7;
  options.memory_limit_gb = 1;
  options.regularisation = 0.01;
  EXPECT_NO_THROW(Padim(options, network_).load(path));
}

TEST_F(PadimTest, LoadingUnderOtherSettingsNamesTheDifference) {
  const auto path = directory_ / "padim.safetensors";
  fitted(small_options()).save(path);
  const auto refused = [&](const PadimOptions& options, const SmallNetwork& network,
                           const std::vector<std::string>& mentions) {
    Padim other(options, std::make_shared<SmallNetwork>(network));
    expect_error<WeightsError>([&] { other.load(path); }, mentions);
  };
  PadimOptions options = small_options(9);
  refused(options, *network_, {"detector.dims was 8 and is now 9", path.string()});
  options = small_options();
  options.profile = "anomalib";
  refused(options, *network_, {"detector.selection was \"python\" and is now \"seed\"", "detector.regularisation"});
  options = small_options();
  options.blur_sigma_px = std::nullopt;
  refused(options, *network_, {"detector.blur_sigma_px was 4.0 and is now null"});
  SmallNetwork network = *network_;
  network.weights_sha256_ = "4567";
  refused(small_options(), network, {"weights_sha256 was \"0123\" and is now \"4567\""});
}

TEST_F(PadimTest, ForeignAndDamagedFilesAreRefused) {
  const auto path = directory_ / "file.safetensors", rewritten = directory_ / "rewritten.safetensors";
  Padim padim(small_options(), network_);
  networks::write_safetensors(path, {{"mean", at::ones({8, 8, 8})}});
  expect_error<WeightsError>([&] { padim.load(path); }, {path.string(), "not a saved detector"});

  fitted(small_options()).save(path);
  const auto saved = networks::SafetensorsFile::open(path);
  const auto refused = [&](const std::string& name, const at::Tensor& tensor,
                           const std::vector<std::string>& mentions) {
    networks::TensorMap tensors = saved.tensors();
    tensors[name] = tensor;
    networks::write_safetensors(rewritten, tensors, saved.metadata());
    expect_error<WeightsError>([&] { padim.load(rewritten); }, mentions);
  };
  const auto with = [&](const std::string& name, std::int64_t element, double value) {
    at::Tensor tensor = saved.tensor(name).clone();
    tensor.view({-1})[element] = value;
    return tensor;
  };
  refused("mean", at::ones({64, 8}), {"mean", "[height, width, dims]", rewritten.string()});
  refused("mean", at::ones({8}), {"mean"});
  refused("mean", at::ones({0, 8, 8}), {"mean"});
  refused("mean", at::ones({8, 8, 9}), {"mean"});
  refused("mean", at::ones({8, 8, 8}, at::kDouble), {"mean", "float32"});
  refused("mean", with("mean", 511, std::nan("")), {"not finite"});
  refused("mean", at::ones({4, 8, 8}), {"factor"});
  refused("factor", at::ones({64, 35}), {"factor", "dims * (dims + 1) / 2"});
  refused("factor", with("factor", 64 * 36 - 1, std::nan("")), {"not finite", rewritten.string()});
  refused("factor", with("factor", 0, 0), {"diagonal"});
  refused("channels", at::arange(7), {"channels", "int64"});
  refused("channels", at::arange(8, at::kFloat), {"channels", "int64"});
  refused("channels", with("channels", 0, 48), {"8 different channels of 48"});
  refused("channels", with("channels", 0, -1), {"channels"});
  refused("channels", at::zeros({8}, at::kLong), {"channels"});

  networks::TensorMap tensors = saved.tensors();
  tensors.erase("factor");
  networks::write_safetensors(rewritten, tensors, saved.metadata());
  expect_error<WeightsError>([&] { padim.load(rewritten); }, {"factor"});
  auto metadata = saved.metadata();
  auto header = nlohmann::ordered_json::parse(metadata.at("normadd.detector"));
  header["detector"]["format"] = 2;
  metadata["normadd.detector"] = header.dump();
  networks::write_safetensors(rewritten, saved.tensors(), metadata);
  expect_error<WeightsError>([&] { padim.load(rewritten); }, {"detector.format was 2 and is now 1"});
}

TEST_F(PadimTest, AFailedLoadLeavesTheFitAsItWas) {
  Padim padim = fitted(small_options());
  const auto before = padim.predict(test_);
  networks::write_safetensors(directory_ / "foreign.safetensors", {{"mean", at::ones({8, 8, 8})}});
  expect_error<WeightsError>([&] { padim.load(directory_ / "foreign.safetensors"); }, {});
  expect_same_bytes(padim.predict(test_), before);
}

TEST_F(PadimTest, FitThatWouldNeedTooMuchMemorySaysWhatToChange) {
  PadimOptions options = small_options();
  options.memory_limit_gb = 1e-5;
  expect_error<ConfigError>([&] { fitted(options); },
                            {"detector.memory_limit_gb", "64 positions x 8 dimensions", "detector.dims"});
}

TEST_F(PadimTest, EstimateOfARealSizeIsRight) {
  const auto resnet = tiny_resnet(networks::Preprocessing::imagenet(256, 224));
  PadimOptions options;
  options.dims = 20;
  const MemoryEstimate estimate = Padim(options, resnet).memory_estimate(1000, {700, 900});
  const double factors = 3136.0 * 210 * 4, means = 3136.0 * 20 * 4;
  EXPECT_GT(static_cast<double>(estimate.predict_bytes), factors + means * 9);
  EXPECT_LT(static_cast<double>(estimate.predict_bytes), factors + means * 9 + 8 * 4e6);
  EXPECT_GT(static_cast<double>(estimate.fit_bytes), factors + 64 * means);
  EXPECT_NE(estimate.breakdown.find("3136 positions x 20 dimensions"), std::string::npos);
  // Only the working space for images grows with their number, and only up to a block of them.
  EXPECT_EQ(estimate.fit_bytes, Padim(options, resnet).memory_estimate(64, {700, 900}).fit_bytes);
}

TEST_F(PadimTest, FewerThanTwoImagesOrUnequalOnesAreRefused) {
  Padim padim(small_options(), network_);
  expect_error<DataError>([&] { padim.fit({0, {}}, 0); }, {"two training images", "none"});
  expect_error<DataError>([&] { padim.fit({1, [&](std::size_t) { return train_[0]; }}, 0); }, {"there is one"});
  network_->preprocessing_.crop_px = 0;
  train_.emplace_back(46, 80, 3);
  expect_error<DataError>([&] { fitted(small_options()); }, {"number 13", "backbone.crop_px"});
  train_.pop_back();
  expect_error<DataError>([&] { fitted(small_options()).predict(std::vector{imaging::Image(46, 80, 3)}); },
                          {"positions", "backbone.resize_mode=squash"});
}

TEST_F(PadimTest, ANetworkThatGivesNaNIsRefused) {
  const Padim good = fitted(small_options());
  const auto broken =
      std::make_shared<SmallNetwork>(golden_.tensor("network.first") * std::nanf(""), golden_.tensor("network.second"));
  broken->preprocessing_ = network_->preprocessing_;
  Padim padim(small_options(), broken);
  expect_error<DataError>([&] { padim.fit(source_of(train_), 0); }, {"not finite", "weights"});
  good.save(directory_ / "good.safetensors");
  padim.load(directory_ / "good.safetensors");
  expect_error<DataError>([&] { padim.predict(test_); }, {"not finite", "weights"});
}

TEST_F(PadimTest, UseBeforeFitIsABug) {
  const Padim padim(small_options(), network_);
  expect_error<core::InternalError>([&] { padim.predict(test_); }, {"neither fitted nor loaded"});
}

}  // namespace
}  // namespace normadd::detectors
