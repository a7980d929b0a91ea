// SPDX-License-Identifier: Apache-2.0
#include "detectors/april_gan.h"

#include <functional>
#include <map>

#include "core/error.h"
#include "core/progress.h"
#include "detectors/clip_golden.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using test::expect_error;

/// The small CLIP says QuickGELU and 48 px; the profile wants GELU, and the goldens are of 64 px.
AprilGanOptions options_for(std::optional<int> shots = {}) {
  AprilGanOptions options;
  options.profile = "reference";
  options.source.clip = clip_golden_folder();
  options.source.image_px = 64;
  options.texts.prompts = shipped_ensemble("april_gan");
  options.shots.shots = shots;
  options.dense_layers = test::golden("detectors/april_gan_layers.safetensors").string();
  options.taps = {1, 3};
  return options;
}

class AprilGanTest : public ::testing::Test {
 protected:
  void SetUp() override { core::Progress::set_enabled(false); }

  static std::shared_ptr<networks::Clip> clip_for(const AprilGanOptions& options) {
    const ClipRequest request = options.clip_request();
    return golden_clip(request.image_px, request.activation);
  }
  AprilGan fitted(const AprilGanOptions& options) const {
    AprilGan april(options, clip_for(options));
    april.fit(source_of(train_, "metal_nut"), 0);
    return april;
  }
  std::string changed_layers(
      const std::function<void(networks::TensorMap&, std::map<std::string, std::string>&)>& change) const {
    networks::TensorMap tensors;
    for (const auto& [name, tensor] : golden_file("april_gan_layers.safetensors").tensors())
      tensors[name] = tensor.clone();
    std::map<std::string, std::string> metadata;
    change(tensors, metadata);
    networks::write_safetensors(directory_ / "layers.safetensors", tensors, metadata);
    return (directory_ / "layers.safetensors").string();
  }

  networks::SafetensorsFile pictures_ = golden_file("winclip.safetensors");
  networks::SafetensorsFile golden_ = golden_file("april_gan.safetensors");
  std::vector<imaging::Image> train_ = images_of(pictures_.tensor("images.train"));
  std::vector<imaging::Image> test_ = images_of(pictures_.tensor("images.test"));
  test::TemporaryDirectory directory_;
};

TEST_F(AprilGanTest, MapsAndScoresEqualTheReference) {
  for (const bool few : {false, true}) {
    const auto predictions = fitted(options_for(few ? std::optional<int>(3) : std::nullopt)).predict(test_);
    const at::Tensor maps = golden_.tensor(few ? "few.maps" : "zero.maps"), scores = golden_.tensor("scores");
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      EXPECT_LE(worst_difference(predictions[i].map, maps[row]), 5e-5) << few;
      EXPECT_NEAR(predictions[i].score, scores[row].item<double>(), 2e-5);
      EXPECT_EQ(predictions[i].geometry, imaging::Geometry::squash({60, 52}, {64, 64}));
    }
  }
}

TEST_F(AprilGanTest, TheOtherImageScoreIsTheMaximumOfTheMap) {
  AprilGanOptions options = options_for();
  options.image_score = "map_max";
  for (const auto& prediction : fitted(options).predict(test_)) {
    EXPECT_EQ(prediction.score, *std::max_element(prediction.map.values.begin(), prediction.map.values.end()));
  }
}

TEST_F(AprilGanTest, TheReferenceRunsGeluWhateverTheModelSays) {
  EXPECT_EQ(options_for().clip_request().activation, networks::Activation::kGelu);
  AprilGanOptions options = options_for();
  options.source.image_px = std::nullopt;
  EXPECT_EQ(options.clip_request().image_px, 518);
  options.profile = "model";
  EXPECT_EQ(options.clip_request().image_px, std::nullopt);
  EXPECT_EQ(options.clip_request().activation, std::nullopt);
  AprilGanOptions quick = options_for();
  quick.source.activation = "auto";
  EXPECT_NE(fitted(quick).predict(test_)[0].score, fitted(options_for()).predict(test_)[0].score);
}

TEST_F(AprilGanTest, ZeroShotReadsNoPictureAndShotsOfOtherBlocksWork) {
  const AprilGanOptions options = options_for(0);
  AprilGan april(options, clip_for(options));
  april.fit({5, [](std::size_t) -> imaging::Image { throw std::logic_error("read"); }, "metal_nut"}, 0);
  const auto zero = april.predict(train_);
  AprilGanOptions other = options_for(3);
  other.few_shot_taps = {2};
  const auto few = fitted(other).predict(train_);  // the shots themselves: no distance to them
  for (std::size_t i = 0; i < few.size(); ++i) {
    for (std::size_t k = 0; k < few[i].map.values.size(); ++k) {
      ASSERT_NEAR(few[i].map.values[k], zero[i].map.values[k], 1e-5);
    }
  }
}

TEST_F(AprilGanTest, SavedAndLoadedPredictsTheSameBytesWithoutTexts) {
  const AprilGan april = fitted(options_for(2));
  april.save(directory_ / "model.safetensors", {{"normadd.category", "metal_nut"}});
  auto silent = clip_for(options_for());
  silent->weights().at("token_embedding.weight").zero_();
  AprilGan loaded(options_for(2), silent);
  loaded.load(directory_ / "model.safetensors");
  expect_same_predictions(loaded.predict(test_), april.predict(test_));
  expect_same_predictions({loaded.predict(test_)[1]}, loaded.predict(std::span(test_).subspan(1)));

  const auto refuse = [&](const AprilGanOptions& options, const std::vector<std::string>& parts) {
    AprilGan other(options, clip_for(options));
    expect_error<core::WeightsError>([&] { other.load(directory_ / "model.safetensors"); }, parts);
  };
  refuse(options_for(), {"shots", "model.safetensors"});
  AprilGanOptions options = options_for(2);
  options.temperature = 30;
  refuse(options, {"temperature", "100", "30"});
  options = options_for(2);
  options.source.image_px = 48;
  refuse(options, {"image_px"});
  options = options_for(2);
  options.dense_layers = changed_layers([](auto& tensors, auto&) { tensors["fc.0.bias"][0] += 1; });
  refuse(options, {"dense_layers"});
}

TEST_F(AprilGanTest, LayersOfAConvertedCheckpointAndOfOurTrainingAreTheSame) {
  AprilGanOptions options = options_for();
  const auto plain = fitted(options).predict(test_);
  options.dense_layers = changed_layers([](auto& tensors, auto&) {
    networks::TensorMap named;
    for (const auto& [name, tensor] : tensors) named["trainable_linearlayer." + name] = tensor;
    tensors = named;
  });
  expect_same_predictions(fitted(options).predict(test_), plain);
  options.dense_layers = changed_layers([](auto&, auto& metadata) {
    metadata = {{"taps", "1,3"}, {"temperature", "100"}};
  });
  options.taps = {};
  expect_same_predictions(fitted(options).predict(test_), plain);
}

TEST_F(AprilGanTest, SaysWhatDoesNotFit) {
  const auto refuse = [&](const std::function<void(AprilGanOptions&)>& change, const std::vector<std::string>& parts) {
    AprilGanOptions options = options_for();
    change(options);
    expect_error<core::Error>([&] { AprilGan(options, clip_for(options)); }, parts);
  };
  refuse([](auto& o) { o.dense_layers = std::nullopt; },
         {"linear layers", "normadd train april-gan", "detector.dense_layers"});
  refuse([](auto& o) { o.dense_layers = "/nowhere/l.safetensors"; },
         {"/nowhere/l.safetensors", "normadd train april-gan"});
  refuse([](auto& o) { o.taps = {}; }, {"6, 12, 18, 24", "has 3", "april_gan_layers.safetensors"});
  refuse([](auto& o) { o.taps = {1, 9}; }, {"1, 9", "3 blocks", "detector.taps"});
  refuse([](auto& o) { o.taps = {1}; }, {"more dense layers"});
  refuse([](auto& o) { o.few_shot_taps = {3, 2}; }, {"3, 2", "detector.few_shot_taps"});
  refuse(
      [&](auto& o) { o.dense_layers = changed_layers([](auto& t, auto&) {
                       t["fc.1.weight"] = at::zeros({24, 31});
                     }); },
      {"fc.1.weight", "24x31", "24x32"});
  refuse(
      [&](auto& o) {
        o.dense_layers = changed_layers([](auto&, auto& m) { m = {{"taps", "1,2"}, {"temperature", "9"}}; });
      },
      {"1, 2", "detector.taps"});
  refuse(
      [&](auto& o) {
        o.dense_layers = changed_layers([](auto&, auto& m) { m = {{"taps", "1,x"}, {"temperature", "9"}}; });
      },
      {"'x'"});
  auto blind = clip_for(options_for());
  blind->weights().erase("token_embedding.weight");
  expect_error<core::WeightsError>([&] { AprilGan(options_for(), blind); }, {"text tower"});
  expect_error<core::DataError>([&] { fitted(options_for(4)); }, {"4 shots", "only 3"});
  auto damaged = clip_for(options_for());
  damaged->weights().at("visual.positional_embedding").fill_(std::nan(""));
  AprilGan broken(options_for(), damaged);
  broken.fit(source_of(train_, "metal_nut"), 0);
  expect_error<core::WeightsError>([&] { broken.predict(test_); }, {"not finite"});
}

TEST_F(AprilGanTest, EstimateGrowsWithTheShots) {
  const auto none = AprilGan(options_for(), clip_for(options_for())).memory_estimate(10, {60, 52});
  const auto three = AprilGan(options_for(3), clip_for(options_for())).memory_estimate(10, {60, 52});
  EXPECT_EQ(three.predict_bytes - none.predict_bytes, 3u * 4 * 2 * 64 * 32);
}

}  // namespace
}  // namespace normadd::detectors
