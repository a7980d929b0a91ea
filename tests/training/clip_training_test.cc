// SPDX-License-Identifier: Apache-2.0
#include "training/clip_training.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/progress.h"
#include "networks/clip.h"
#include "networks/dense_layers.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::training {
namespace {

namespace fs = std::filesystem;

ClipTrainingOptions tiny() {
  ClipTrainingOptions options;
  options.steps = 14;
  options.warmup_steps = 2;
  options.pictures = 28;
  options.side_px = 32;
  options.window_px = 16;
  options.window_batch = 8;
  options.full_batch = 4;
  options.taps = {1, 2};
  options.vision_width = 16;
  options.vision_layers = 2;
  options.vision_heads = 2;
  options.text_width = 16;
  options.text_layers = 1;
  options.text_heads = 2;
  options.embedding = 8;
  options.merges = 40;
  options.context = 40;
  options.checkpoint_every = 5;
  options.drawing_threads = 1;
  return options;
}

std::vector<double> losses_of(const fs::path& folder) {
  const core::CsvTable table = core::read_csv(folder / "loss_curve.csv");
  std::vector<double> losses;
  for (const auto& row : table.rows) losses.push_back(std::stod(row[table.column("loss")]));
  return losses;
}

double mean(const std::vector<double>& values, std::size_t first, std::size_t count) {
  double sum = 0;
  for (std::size_t i = first; i < first + count; ++i) sum += values[i];
  return sum / static_cast<double>(count);
}

const std::vector<std::string> kModelFiles{
    "open_clip_config.json", "open_clip_model.safetensors", "merges.txt", "dense_layers.safetensors", "loss_curve.csv",
    "loss_curve.svg"};

class ClipTraining : public testing::Test {
 protected:
  void SetUp() override { core::Progress::set_enabled(false); }

  void expect_same_files(const fs::path& a, const fs::path& b) {
    for (const auto& name : kModelFiles) EXPECT_EQ(core::read_file(a / name), core::read_file(b / name)) << name;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(ClipTraining, LowersTheLossAndLeavesALoadableModel) {
  train_clip(tiny(), directory_ / "model");
  const auto losses = losses_of(directory_ / "model");
  ASSERT_EQ(losses.size(), 14u);
  EXPECT_LT(mean(losses, 9, 5), 0.7 * mean(losses, 0, 3));

  const auto clip = networks::Clip::load(directory_ / "model");
  EXPECT_EQ(clip.config().image_px, 32);
  EXPECT_EQ(clip.text_embeddings({"a photo of a pill with hole."}).sizes(), (std::vector<std::int64_t>{1, 8}));
  const auto layers = networks::DenseLayers::load(directory_ / "model" / "dense_layers.safetensors", clip.config());
  EXPECT_EQ(layers.taps, (std::vector<int>{1, 2}));
  EXPECT_EQ(layers.temperature, 30);
  EXPECT_FALSE(fs::exists(directory_ / "model" / "checkpoint"));
}

TEST_F(ClipTraining, SameSeedSameBytesWhateverTheNumberOfDrawingThreads) {
  auto options = tiny();
  options.steps = 6;
  train_clip(options, directory_ / "a");
  options.drawing_threads = 3;
  train_clip(options, directory_ / "b");
  expect_same_files(directory_ / "a", directory_ / "b");
  options.seed = 2;
  train_clip(options, directory_ / "c");
  EXPECT_NE(core::read_file(directory_ / "a" / "open_clip_model.safetensors"),
            core::read_file(directory_ / "c" / "open_clip_model.safetensors"));
}

TEST_F(ClipTraining, GoesOnAfterAnInterruptionAsIfNothingHadHappened) {
  train_clip(tiny(), directory_ / "whole");
  auto options = tiny();
  options.stop_at_step = 7;
  train_clip(options, directory_ / "parts");
  EXPECT_TRUE(fs::exists(directory_ / "parts" / "checkpoint" / "state.safetensors"));
  EXPECT_FALSE(fs::exists(directory_ / "parts" / "open_clip_model.safetensors"));
  options.stop_at_step.reset();
  train_clip(options, directory_ / "parts");
  expect_same_files(directory_ / "whole", directory_ / "parts");
}

TEST_F(ClipTraining, RefusesACheckpointOfOtherOptions) {
  auto options = tiny();
  options.stop_at_step = 1;
  train_clip(options, directory_ / "model");
  options.learning_rate = 0.5;
  test::expect_error<core::ConfigError>([&] { train_clip(options, directory_ / "model"); },
                                        {"learning_rate=0.0015", "state.safetensors", "remove the checkpoint"});
}

TEST_F(ClipTraining, NamesTheFieldThatDoesNotFit) {
  auto options = tiny();
  options.window_px = 20;
  test::expect_error<core::ConfigError>([&] { train_clip(options, directory_ / "m"); }, {"window_px", "20 px"});
  options = tiny();
  options.taps = {2, 3};
  test::expect_error<core::ConfigError>([&] { train_clip(options, directory_ / "m"); }, {"taps", "tap 3 of 2 blocks"});
}

TEST(ClipTrainingOptions, DefaultsAreTheRecipeOfTheShippedModel) {
  const auto fields = config::fields_of<ClipTrainingOptions>();
  EXPECT_GE(fields.size(), 30u);
  for (const auto& field : fields) EXPECT_FALSE(field.help.empty()) << field.name;
  const auto read = config::read_options<ClipTrainingOptions>(
      config::Value(config::MapEntries{{"steps", config::Value(5)}}), "train");
  EXPECT_EQ(read.steps, 5);
  EXPECT_EQ(read.taps, (std::vector<int>{2, 3, 4}));
}

}  // namespace
}  // namespace normadd::training
