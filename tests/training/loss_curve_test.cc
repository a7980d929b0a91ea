// SPDX-License-Identifier: Apache-2.0
#include "training/loss_curve.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::training {
namespace {

TEST(LossCurve, RestoresTheStepsBeforeTheCheckpointUnchanged) {
  test::TemporaryDirectory directory;
  LossCurve curve({"rate", "loss"});
  for (int step = 0; step < 5; ++step) curve.add(step, {0.1, 1.0 / (step + 3)});
  curve.write_csv(directory / "whole.csv");

  LossCurve restored({"rate", "loss"});
  restored.restore(directory / "whole.csv", 3);
  EXPECT_DOUBLE_EQ(restored.recent("loss", 2), (1.0 / 4 + 1.0 / 5) / 2);
  for (int step = 3; step < 5; ++step) restored.add(step, {0.1, 1.0 / (step + 3)});
  restored.write_csv(directory / "again.csv");
  EXPECT_EQ(core::read_file(directory / "whole.csv"), core::read_file(directory / "again.csv"));
}

TEST(LossCurve, NamesAFileThatIsNotNumeric) {
  test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "curve.csv", "step,loss\n0,high\n");
  LossCurve curve({"loss"});
  test::expect_error<core::DataError>([&] { curve.restore(directory / "curve.csv", 9); }, {"curve.csv", "not numeric"});
}

TEST(LossCurve, DrawsAPictureEvenOfOneStep) {
  test::TemporaryDirectory directory;
  LossCurve curve({"loss"});
  curve.add(0, {2.5});
  curve.write_svg(directory / "curve.svg", "loss");
  const std::string svg = core::read_file(directory / "curve.svg");
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

}  // namespace
}  // namespace normadd::training
