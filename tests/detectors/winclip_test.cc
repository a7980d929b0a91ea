// SPDX-License-Identifier: Apache-2.0
#include "detectors/winclip.h"

#include <ATen/Parallel.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/progress.h"
#include "detectors/clip_golden.h"
#include "detectors/window_grid.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using test::expect_error;

WinClipOptions options_for(const std::string& profile, std::optional<int> shots = {}) {
  WinClipOptions options;
  options.profile = profile;
  options.source.clip = clip_golden_folder();
  options.texts.prompts = shipped_ensemble("winclip");
  options.shots.shots = shots;
  return options;
}

class WinClipTest : public ::testing::Test {
 protected:
  void SetUp() override { core::Progress::set_enabled(false); }

  WinClip fitted(const WinClipOptions& options) const {
    WinClip winclip(options, clip_);
    winclip.fit(source_of(train_, "metal_nut"), 0);
    return winclip;
  }

  networks::SafetensorsFile golden_ = golden_file("winclip.safetensors");
  std::vector<imaging::Image> train_ = images_of(golden_.tensor("images.train"));
  std::vector<imaging::Image> test_ = images_of(golden_.tensor("images.test"));
  std::shared_ptr<networks::Clip> clip_ = golden_clip();
  test::TemporaryDirectory directory_;
};

class WinClipParity : public WinClipTest,
                      public ::testing::WithParamInterface<std::tuple<std::string, std::optional<int>>> {};

TEST_P(WinClipParity, MapsAndScoresEqualTheReference) {
  const auto& [profile, shots] = GetParam();
  const std::string name = profile + (shots ? ".few." : ".zero.");
  const at::Tensor maps = golden_.tensor(name + "maps"), scores = golden_.tensor(name + "scores");
  const auto predictions = fitted(options_for(profile, shots)).predict(test_);
  ASSERT_EQ(predictions.size(), 2u);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    EXPECT_LE(worst_difference(predictions[i].map, maps[row]), 1e-5);
    EXPECT_NEAR(predictions[i].score, scores[row].item<double>(), 1e-5);
    EXPECT_EQ(predictions[i].geometry, imaging::Geometry::squash({60, 52}, {48, 48}));
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, WinClipParity,
                         ::testing::Combine(::testing::Values("reference", "anomalib"),
                                            ::testing::Values(std::optional<int>(), std::optional<int>(3))),
                         [](const auto& info) {
                           return std::get<0>(info.param) + (std::get<1>(info.param) ? "FewShot" : "ZeroShot");
                         });

TEST_F(WinClipTest, EveryDifferenceBetweenProfilesIsAnOption) {
  WinClipOptions options = options_for("reference", 3);
  options.few_shot_map = "mean";
  options.patch_tokens = "ln_post";
  expect_same_predictions(fitted(options).predict(test_), fitted(options_for("anomalib", 3)).predict(test_));
}

TEST_F(WinClipTest, ZeroShotReadsNoPicture) {
  WinClip winclip(options_for("reference", 0), clip_);
  winclip.fit({5, [](std::size_t) -> imaging::Image { throw std::logic_error("read"); }, "metal_nut"}, 0);
  EXPECT_EQ(winclip.predict(test_).size(), 2u);
}

TEST_F(WinClipTest, APictureOfTheShotsHasNoDistance) {
  WinClipOptions options = options_for("reference", 3);
  const auto few = fitted(options).predict(train_);
  const auto zero = fitted(options_for("reference")).predict(train_);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_NEAR(few[i].score, zero[i].score / 2, 1e-6);
}

TEST_F(WinClipTest, NeitherBatchNorThreadsChangeAnything) {
  const WinClip winclip = fitted(options_for("reference", 2));
  const auto together = winclip.predict(test_);
  const auto alone = winclip.predict(std::span(test_).subspan(1));
  expect_same_predictions({together[1]}, alone);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto single = winclip.predict(test_);
  at::set_num_threads(threads);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(single[i].score, together[i].score, 1e-6);
}

TEST_F(WinClipTest, Bfloat16IsClose) {
  WinClipOptions options = options_for("reference");
  const auto exact = fitted(options).predict(test_);
  options.precision = "bfloat16";
  const auto rounded = fitted(options).predict(test_);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NE(rounded[i].score, exact[i].score);
    EXPECT_NEAR(rounded[i].score, exact[i].score, 0.05);
  }
}

TEST_F(WinClipTest, SavedAndLoadedPredictsTheSameBytesWithoutTexts) {
  const WinClip winclip = fitted(options_for("anomalib", 2));
  winclip.save(directory_ / "model.safetensors", {{"normadd.category", "metal_nut"}});
  auto silent = golden_clip();
  silent->weights().at("token_embedding.weight").zero_();  // a text pass would give other directions
  WinClip loaded(options_for("anomalib", 2), silent);
  loaded.load(directory_ / "model.safetensors");
  expect_same_predictions(loaded.predict(test_), winclip.predict(test_));
}

TEST_F(WinClipTest, RefusesFilesOfOtherSettingsModelsAndFormats) {
  const auto path = directory_ / "model.safetensors";
  fitted(options_for("reference", 2)).save(path);
  const auto load = [&](const WinClipOptions& options, std::shared_ptr<networks::Clip> clip) {
    WinClip winclip(options, std::move(clip));
    winclip.load(path);
  };
  expect_error<core::WeightsError>([&] { load(options_for("anomalib", 2), clip_); },
                                   {"other settings", "few_shot_map", "model.safetensors"});
  expect_error<core::WeightsError>([&] { load(options_for("reference", 3), clip_); }, {"shots"});
  expect_error<core::WeightsError>([&] { load(options_for("reference", 2), golden_clip(64)); },
                                   {"image_px", "48", "64"});
  expect_error<core::WeightsError>(
      [&] { load(options_for("reference", 2), golden_clip({}, networks::Activation::kGelu)); }, {"activation"});
  WinClipOptions other_texts = options_for("reference", 2);
  other_texts.texts.prompts = shipped_ensemble("april_gan");
  expect_error<core::WeightsError>([&] { load(other_texts, clip_); }, {"ensemble"});

  const auto file = networks::SafetensorsFile::open(path);
  auto metadata = file.metadata();
  metadata.erase("format");
  metadata["normadd.format"] = "99";
  networks::TensorMap tensors;
  for (const auto& [name, tensor] : file.tensors()) tensors[name] = tensor.clone();
  networks::write_safetensors(path, tensors, metadata);
  expect_error<core::WeightsError>([&] { load(options_for("reference", 2), clip_); }, {"format", "99"});

  metadata["normadd.format"] = "1";
  tensors["memory.1"][0][0] = std::nan("");
  networks::write_safetensors(path, tensors, metadata);
  expect_error<core::WeightsError>([&] { load(options_for("reference", 2), clip_); }, {"memory.1", "not finite"});
  tensors["memory.1"] = at::zeros({2, 3});
  networks::write_safetensors(path, tensors, metadata);
  expect_error<core::WeightsError>([&] { load(options_for("reference", 2), clip_); }, {"memory.1", "2x3"});
}

TEST_F(WinClipTest, SaysWhatDoesNotFit) {
  WinClipOptions wide = options_for("reference");
  wide.windows = {2, 7};
  expect_error<core::ConfigError>([&] { WinClip(wide, clip_); }, {"7 x 7", "6 x 6", "detector.windows"});
  auto blind = golden_clip();
  blind->weights().erase("token_embedding.weight");
  expect_error<core::WeightsError>([&] { WinClip(options_for("reference"), blind); }, {"text tower", "detector.clip"});
  expect_error<core::DataError>([&] { fitted(options_for("reference", 4)); }, {"4 shots", "only 3", "detector.shots"});
  WinClipOptions seeded = options_for("reference");
  seeded.shots.shot_seed = 3;
  expect_error<core::ConfigError>([&] { WinClip(seeded, clip_); }, {"shot_seed"});
  WinClip nameless(options_for("reference"), clip_);
  expect_error<core::DataError>([&] { nameless.fit(source_of(train_, ""), 0); }, {"category"});
  auto damaged = golden_clip();
  damaged->weights().at("visual.proj").fill_(std::nan(""));
  WinClip broken(options_for("reference"), damaged);
  broken.fit(source_of(train_, "metal_nut"), 0);
  expect_error<core::WeightsError>([&] { broken.predict(test_); }, {"not finite"});
  auto mute = golden_clip();
  mute->weights().at("text_projection").fill_(std::nan(""));
  WinClip unspoken(options_for("reference"), mute);
  expect_error<core::WeightsError>([&] { unspoken.fit(source_of(train_, "metal_nut"), 0); }, {"text tower"});
}

TEST_F(WinClipTest, EstimateGrowsWithTheShots) {
  const auto none = WinClip(options_for("reference"), clip_).memory_estimate(10, {60, 52});
  const auto three = WinClip(options_for("reference", 3), clip_).memory_estimate(10, {60, 52});
  EXPECT_GT(none.predict_bytes, 0u);
  EXPECT_EQ(three.predict_bytes - none.predict_bytes, 3u * 4 * (36 * 32 + (25 + 16) * 24));
  EXPECT_NE(three.breakdown.find("41 windows"), std::string::npos) << three.breakdown;
}

TEST(WindowGrid, WindowsAreRowByRow) {
  EXPECT_EQ(window_cells(15, 2).size(0), 196);
  EXPECT_EQ(window_cells(15, 3).size(0), 169);
  EXPECT_TRUE(window_cells(4, 2)[4].equal(at::tensor({5, 6, 9, 10}, at::kLong)));
}

TEST(WindowGrid, HarmonicMeanOfTheCoveringWindows) {
  const auto cells = harmonic_scores(window_cells(3, 2), {0.5, 0.25, 1.0, 0.2}, 9);
  EXPECT_DOUBLE_EQ(cells[0], 0.5);
  EXPECT_DOUBLE_EQ(cells[1], 2 / (2.0 + 4.0));
  EXPECT_DOUBLE_EQ(cells[4], 4 / (2.0 + 4.0 + 1.0 + 5.0));
  EXPECT_EQ(harmonic_scores(window_cells(3, 2), {0.0, 0.25, 1.0, 0.2}, 9)[4], 0.0);
}

}  // namespace
}  // namespace normadd::detectors
