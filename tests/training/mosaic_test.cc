// SPDX-License-Identifier: Apache-2.0
#include "training/mosaic.h"

#include <gtest/gtest.h>

#include <set>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::training {
namespace {

SegmentationSample plain(int height, int width, std::uint8_t grey, bool masked) {
  SegmentationSample sample{imaging::Image(height, width, 3), {}, "thing"};
  std::ranges::fill(sample.image.pixels, grey);
  if (masked) {
    sample.mask = imaging::Mask(height, width, 1);
    std::ranges::fill(sample.mask.pixels, std::uint8_t{1});
  }
  return sample;
}

TEST(Mosaic, PutsFourPicturesRowByRowAtFullSize) {
  const auto mosaic =
      mosaic_of({plain(4, 6, 1, true), plain(4, 6, 2, false), plain(4, 6, 3, false), plain(4, 6, 4, true)});
  ASSERT_EQ(mosaic.image.size(), (imaging::Size{8, 12}));
  ASSERT_EQ(mosaic.mask.size(), (imaging::Size{8, 12}));
  EXPECT_EQ(mosaic.category, "thing");
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 12; ++x) {
      const int part = (y >= 4 ? 2 : 0) + (x >= 6 ? 1 : 0);
      EXPECT_EQ(mosaic.image.row(y)[3 * x + 1], part + 1);
      EXPECT_EQ(mosaic.mask.row(y)[x], part == 0 || part == 3 ? 1 : 0);
    }
  }
}

TEST(Mosaic, OtherSizesAreCutAtTheCanvasAndCoveredByLaterOnes) {
  const auto mosaic =
      mosaic_of({plain(4, 4, 1, false), plain(9, 9, 2, true), plain(2, 2, 3, false), plain(1, 1, 4, false)});
  ASSERT_EQ(mosaic.image.size(), (imaging::Size{8, 8}));
  EXPECT_EQ(mosaic.image.row(7)[3 * 7], 2);  // the second reaches down to the canvas's end
  EXPECT_EQ(mosaic.mask.row(7)[7], 1);
  EXPECT_EQ(mosaic.image.row(4)[3 * 4], 4);
  EXPECT_EQ(mosaic.mask.row(4)[4], 0);
  EXPECT_EQ(mosaic.image.row(7)[0], 0);  // nothing lies there
}

TEST(Mosaic, DrawsTypesEquallyOftenFromTheCategoryAlone) {
  SampleSource source{100, {}};
  source.group = [](std::size_t i) {
    if (i >= 90) return SampleGroup{"other", "good"};
    return SampleGroup{"thing", i < 88 ? "good" : "hole"};
  };
  const MosaicDraw draw(source);
  core::RandomStream random(1, "test");
  int holes = 0;
  std::set<std::size_t> seen;
  for (int i = 0; i < 500; ++i) {
    for (const std::size_t sample : draw.draw("thing", random)) {
      ASSERT_LT(sample, 90u);
      holes += sample >= 88 ? 1 : 0;
      seen.insert(sample);
    }
  }
  EXPECT_NEAR(holes, 1000, 120);
  EXPECT_EQ(seen.size(), 90u);
  test::expect_error<core::ConfigError>([] { MosaicDraw(SampleSource{3, {}}); }, {"mosaic_probability"});
}

}  // namespace
}  // namespace normadd::training
