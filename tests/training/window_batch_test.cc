// SPDX-License-Identifier: Apache-2.0
#include "training/window_batch.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/progress.h"

namespace normadd::training {
namespace {

/// A picture whose red and green tell the pixel's row and column, with one square defect of type 3.
TrainingPicture coordinates() {
  TrainingPicture picture{4, imaging::Image(32, 32, 3), imaging::Image(32, 32, 1)};
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      picture.image.row(y)[3 * x] = static_cast<std::uint8_t>(y);
      picture.image.row(y)[3 * x + 1] = static_cast<std::uint8_t>(x);
    }
  }
  for (int y = 17; y < 23; ++y) {
    for (int x = 2; x < 7; ++x) picture.defect_class.row(y)[x] = 4;
  }
  return picture;
}

WindowPlan plan(int window_px) {
  return {.batch = 40, .window_px = window_px, .patch_px = 8, .mean = {0, 0, 0}, .std = {1 / 255.0f, 1, 1}};
}

TEST(DrawWindows, PositionsAndTargetsBelongToThePixels) {
  core::RandomStream random(1, "windows");
  const WindowBatch batch = draw_windows({coordinates()}, plan(16), random);
  ASSERT_EQ(batch.images.sizes(), (std::vector<std::int64_t>{40, 3, 16, 16}));
  std::int64_t with_defect = 0;
  for (std::int64_t b = 0; b < 40; ++b) {
    const at::Tensor rows = batch.images[b][0].round(), columns = (batch.images[b][1] * 255).round();
    const auto top = rows.min().item<std::int64_t>() / 8, left = columns.min().item<std::int64_t>() / 8;
    EXPECT_EQ(rows.max().item<std::int64_t>(), 8 * top + 15);
    EXPECT_EQ(batch.positions[b][0].item<std::int64_t>(), 0);
    EXPECT_EQ(batch.positions[b][1].item<std::int64_t>(), 1 + top * 4 + left);
    EXPECT_EQ(batch.positions[b][4].item<std::int64_t>(), 1 + (top + 1) * 4 + left + 1);
    // The defect fills 30 of the 64 pixels of the picture's patch (2, 0).
    const bool shown = left == 0 && top <= 2 && top + 1 >= 2;
    EXPECT_EQ(batch.shown[b].item<std::int64_t>(), shown ? 4 : 0);
    EXPECT_EQ(batch.covered[b].sum().item<double>(), shown ? 1 : 0);
    if (!shown) continue;
    ++with_defect;
    const auto cell = batch.dominant[b].argmax().item<std::int64_t>();
    EXPECT_EQ(batch.covered[b][cell][3].item<double>(), 1);
    const at::Tensor cell_rows = rows.reshape({2, 8, 2, 8}).select(0, cell / 2).select(1, cell % 2);
    EXPECT_EQ(cell_rows.min().item<std::int64_t>(), 16)
        << "the marked cell is the one that shows the defect, flipped or not";
  }
  EXPECT_GE(with_defect, 24) << "three quarters are placed over the defect";
}

TEST(DrawWindows, WholePicturesUseTheWholeGrid) {
  core::RandomStream random(2, "windows");
  const WindowBatch batch = draw_windows({coordinates()}, plan(32), random);
  EXPECT_TRUE(batch.positions[7].equal(at::arange(17, at::kLong)));
  EXPECT_EQ(batch.category[0].item<std::int64_t>(), 4);
  EXPECT_EQ((batch.shown == 4).sum().item<std::int64_t>(), 40);
}

TEST(DrawTrainingPictures, DependOnSeedAndNumberAlone) {
  core::Progress::set_enabled(false);
  const auto one = draw_training_pictures(3, 30, 32, 1), four = draw_training_pictures(3, 30, 32, 4);
  int good = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].image.pixels, four[i].image.pixels);
    EXPECT_EQ(one[i].defect_class.pixels, four[i].defect_class.pixels);
    EXPECT_EQ(one[i].category, static_cast<int>(i % 14));
    good += std::ranges::all_of(one[i].defect_class.pixels, [](auto value) { return value == 0; }) ? 1 : 0;
  }
  EXPECT_GT(good, 0);
  EXPECT_LT(good, 20);
}

}  // namespace
}  // namespace normadd::training
