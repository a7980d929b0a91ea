// SPDX-License-Identifier: Apache-2.0
#include "training/april_gan_training.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/progress.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::training {
namespace {

networks::Clip tiny_clip() {
  networks::ClipConfig config;
  config.embedding = 8;
  config.image_px = 32;
  config.patch_px = 8;
  config.vision = {16, 2, 2, 32};
  config.text = {16, 1, 2, 32};
  config.context = 64;
  config.preprocessing = networks::Preprocessing::clip(32, networks::ResizeMode::kSquash);
  return networks::Clip::random(config, networks::Tokenizer::from_merges({{"a", "b"}}), 3);
}

/// Grey pictures; every second one has a bright square that is also its mask.
SegmentationSample square(std::size_t number) {
  SegmentationSample sample{imaging::Image(64, 64, 3), {}, "thing"};
  std::ranges::fill(sample.image.pixels, std::uint8_t{90});
  if (number % 2 == 0) return sample;
  sample.mask = imaging::Mask(64, 64, 1);
  for (int y = 16; y < 32; ++y) {
    for (int x = 0; x < 16; ++x) {
      sample.mask.row(y)[x] = 1;
      for (int c = 0; c < 3; ++c) sample.image.row(y)[3 * x + c] = 250;
    }
  }
  return sample;
}

StateTexts texts_of(const std::string& category) {
  return {{category, "flawless " + category}, {"damaged " + category, category + " with flaw"}};
}

AprilGanTrainingOptions options() {
  AprilGanTrainingOptions options;
  options.epochs = 6;
  options.batch = 4;
  options.taps = {1, 2};
  options.temperature = 20;
  options.learning_rate = 0.01;
  return options;
}

class AprilGanTraining : public testing::Test {
 protected:
  void SetUp() override { core::Progress::set_enabled(false); }
  networks::Clip clip_ = tiny_clip();
  test::TemporaryDirectory directory_;
};

TEST_F(AprilGanTraining, LearnsToFindTheSquareAndLeavesTheClipAlone) {
  const at::Tensor before = clip_.weights().at("visual.conv1.weight").clone();
  train_april_gan(clip_, {8, square}, texts_of, options(), directory_ / "out");
  const core::CsvTable table = core::read_csv(directory_ / "out" / "loss_curve.csv");
  ASSERT_EQ(table.rows.size(), 12u);
  const std::size_t loss = table.column("loss");
  EXPECT_LT(std::stod(table.rows.back()[loss]), 0.8 * std::stod(table.rows.front()[loss]));
  EXPECT_TRUE(before.equal(clip_.weights().at("visual.conv1.weight")));
}

TEST_F(AprilGanTraining, WritesLayersThatLoadAsTheyWere) {
  const networks::DenseLayers trained = train_april_gan(clip_, {4, square}, texts_of, options(), directory_ / "out");
  const networks::DenseLayers loaded =
      networks::DenseLayers::load(directory_ / "out" / "dense_layers.safetensors", clip_.config());
  EXPECT_EQ(loaded.taps, trained.taps);
  EXPECT_EQ(loaded.temperature, 20);
  for (const auto& [name, tensor] : trained.weights) EXPECT_TRUE(tensor.equal(loaded.weights.at(name))) << name;
}

TEST_F(AprilGanTraining, GoesOnAfterAnInterruption) {
  train_april_gan(clip_, {8, square}, texts_of, options(), directory_ / "whole");
  int calls = 0;
  const SampleSource breaks{8, [&](std::size_t number) {
                              if (++calls > 20) throw core::DataError("the disk is gone", "", "");
                              return square(number);
                            }};
  EXPECT_THROW(train_april_gan(clip_, breaks, texts_of, options(), directory_ / "parts"), core::DataError);
  train_april_gan(clip_, {8, square}, texts_of, options(), directory_ / "parts");
  for (const char* name : {"dense_layers.safetensors", "loss_curve.csv"}) {
    EXPECT_EQ(core::read_file(directory_ / "whole" / name), core::read_file(directory_ / "parts" / name)) << name;
  }
}

TEST_F(AprilGanTraining, MosaicsAreDrawnBySeedEpochAndSample) {
  SampleSource source{8, square};
  source.group = [](std::size_t number) { return SampleGroup{"thing", number % 2 == 0 ? "good" : "spot"}; };
  auto mosaic = options();
  mosaic.mosaic_probability = 0.5;
  train_april_gan(clip_, source, texts_of, mosaic, directory_ / "whole");
  train_april_gan(clip_, source, texts_of, options(), directory_ / "plain");
  EXPECT_NE(core::read_file(directory_ / "whole" / "loss_curve.csv"),
            core::read_file(directory_ / "plain" / "loss_curve.csv"));
  int calls = 0;
  SampleSource breaks = source;
  breaks.sample = [&](std::size_t number) {
    if (++calls > 40) throw core::DataError("the disk is gone", "", "");
    return square(number);
  };
  EXPECT_THROW(train_april_gan(clip_, breaks, texts_of, mosaic, directory_ / "parts"), core::DataError);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "parts" / "checkpoint" / "state.safetensors"));
  train_april_gan(clip_, source, texts_of, mosaic, directory_ / "parts");
  EXPECT_EQ(core::read_file(directory_ / "whole" / "dense_layers.safetensors"),
            core::read_file(directory_ / "parts" / "dense_layers.safetensors"));
  test::expect_error<core::ConfigError>(
      [&] {
        train_april_gan(clip_, {8, square}, texts_of, mosaic, directory_ / "none");
      },
      {"mosaic_probability"});
}

TEST_F(AprilGanTraining, NeverGoesOnWithOtherSamples) {
  int calls = 0;
  SampleSource breaks{8, [&](std::size_t number) {
                        if (++calls > 20) throw core::DataError("the disk is gone", "", "");
                        return square(number);
                      }};
  breaks.identity = "carpet";
  EXPECT_THROW(train_april_gan(clip_, breaks, texts_of, options(), directory_ / "out"), core::DataError);
  SampleSource others{8, square};
  others.identity = "marble";
  test::expect_error<core::ConfigError>(
      [&] { train_april_gan(clip_, others, texts_of, options(), directory_ / "out"); }, {"samples"});
}

TEST_F(AprilGanTraining, NamesWhatDoesNotFit) {
  auto none = options();
  none.taps = {};
  test::expect_error<core::ConfigError>(
      [&] {
        train_april_gan(clip_, {4, square}, texts_of, none, directory_ / "o");
      },
      {"taps"});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "o"));
  auto wrong = options();
  wrong.taps = {1, 6};
  test::expect_error<core::ConfigError>(
      [&] {
        train_april_gan(clip_, {4, square}, texts_of, wrong, directory_ / "o");
      },
      {"tap 6", "2 blocks"});
  test::expect_error<core::DataError>(
      [&] {
        train_april_gan(clip_, {0, square}, texts_of, options(), directory_ / "o");
      },
      {"no samples"});
  const auto misfit = [](std::size_t number) {
    SegmentationSample sample = square(number);
    sample.mask = imaging::Mask(10, 10, 1);
    return sample;
  };
  test::expect_error<core::DataError>(
      [&] {
        train_april_gan(clip_, {4, misfit}, texts_of, options(), directory_ / "o");
      },
      {"thing", "10x10", "64x64"});
}

}  // namespace
}  // namespace normadd::training
