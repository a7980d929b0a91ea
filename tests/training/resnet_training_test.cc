// SPDX-License-Identifier: Apache-2.0
#include "training/resnet_training.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/progress.h"
#include "networks/resnet.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::training {
namespace {

ResNetTrainingOptions tiny() {
  ResNetTrainingOptions options;
  options.steps = 12;
  options.warmup_steps = 2;
  options.pictures = 28;
  options.side_px = 32;
  options.window_px = 32;
  options.window_batch = 6;
  options.base_width = 4;
  options.blocks = {1, 1};
  options.checkpoint_every = 4;
  options.drawing_threads = 1;
  return options;
}

class ResNetTraining : public testing::Test {
 protected:
  void SetUp() override { core::Progress::set_enabled(false); }
  test::TemporaryDirectory directory_;
};

TEST_F(ResNetTraining, LowersTheLossAndLeavesABackbone) {
  train_resnet(tiny(), directory_ / "model");
  const core::CsvTable table = core::read_csv(directory_ / "model" / "loss_curve.csv");
  ASSERT_EQ(table.rows.size(), 12u);
  const std::size_t loss = table.column("loss");
  const auto mean = [&](std::size_t first) {
    double sum = 0;
    for (std::size_t i = first; i < first + 4; ++i) sum += std::stod(table.rows[i][loss]) / 4;
    return sum;
  };
  EXPECT_LT(mean(8), mean(0));

  const auto backbone = networks::load_resnet("micro_resnet", directory_ / "model" / "model.safetensors",
                                              {"layer1", "layer2"}, networks::Preprocessing::imagenet(64, 0));
  const auto features = backbone->features(at::ones({1, 3, 64, 64}));
  EXPECT_EQ(features[1].sizes(), (std::vector<std::int64_t>{1, 8, 8, 8}));
  EXPECT_TRUE(at::isfinite(features[1]).all().item<bool>());
}

TEST_F(ResNetTraining, GoesOnAfterAnInterruptionAsIfNothingHadHappened) {
  train_resnet(tiny(), directory_ / "whole");
  auto options = tiny();
  options.stop_at_step = 5;
  train_resnet(options, directory_ / "parts");
  options.stop_at_step.reset();
  train_resnet(options, directory_ / "parts");
  for (const char* name : {"model.safetensors", "loss_curve.csv"}) {
    EXPECT_EQ(core::read_file(directory_ / "whole" / name), core::read_file(directory_ / "parts" / name)) << name;
  }
}

TEST_F(ResNetTraining, NamesTheFieldThatDoesNotFit) {
  auto options = tiny();
  options.enlargement = 3;
  test::expect_error<core::ConfigError>([&] { train_resnet(options, directory_ / "m"); }, {"enlargement", "3"});
}

}  // namespace
}  // namespace normadd::training
