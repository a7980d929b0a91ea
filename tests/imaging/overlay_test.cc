// SPDX-License-Identifier: Apache-2.0
#include "imaging/overlay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "imaging/lettering.h"
#include "imaging/tiling.h"
#include "support/expect_error.h"

namespace normadd::imaging {
namespace {

Colour at(const Image& image, int y, int x) {
  const std::uint8_t* pixel = image.row(y) + x * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

double lightness(Colour colour) { return 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue; }

TEST(Overlay, RampsGetLighterAllTheWay) {
  for (const Ramp ramp : {Ramp::kInferno, Ramp::kViridis}) {
    const Image bar = colour_bar({1, 64}, ramp);
    for (int x = 1; x < 64; ++x) EXPECT_GT(lightness(at(bar, 0, x)), lightness(at(bar, 0, x - 1))) << x;
  }
}

TEST(Overlay, ClampsToTheGivenScale) {
  Map map(1, 5);
  map.values = {-7.0f, 1.0f, 2.0f, 3.0f, 99.0f};
  const Image image = colour_map(map, 1.0f, 3.0f);
  EXPECT_EQ(at(image, 0, 0), at(image, 0, 1));
  EXPECT_EQ(at(image, 0, 3), at(image, 0, 4));
  EXPECT_NE(at(image, 0, 1), at(image, 0, 2));
  EXPECT_EQ(at(image, 0, 1), at(colour_bar({1, 9}), 0, 0));
  EXPECT_EQ(at(image, 0, 2), at(colour_bar({1, 3}), 0, 1));
  EXPECT_EQ(at(image, 0, 3), at(colour_bar({1, 9}), 0, 8));
}

TEST(Overlay, SurvivesAnEmptyScaleAndValuesThatAreNoNumbers) {
  Map map(1, 2, 4.0f);
  map.values[1] = std::numeric_limits<float>::quiet_NaN();
  const Colour darkest = at(colour_bar({1, 2}), 0, 0);
  EXPECT_EQ(at(colour_map(map, 4.0f, 4.0f), 0, 0), darkest);
  EXPECT_EQ(at(colour_map(map, 0.0f, 4.0f), 0, 1), darkest);
}

TEST(Overlay, OutlinesJustInsideTheMask) {
  Mask mask(9, 9, 1);
  for (int y = 2; y < 7; ++y) std::fill_n(mask.row(y) + 2, 7, 1);  // touches the right rim
  Image image = filled({9, 9}, {});
  draw_mask_outline(image, mask, {255, 0, 0});
  for (int y = 0; y < 9; ++y) {
    for (int x = 0; x < 9; ++x) {
      const bool inside = y >= 2 && y < 7 && x >= 2;
      const bool border = inside && (y == 2 || y == 6 || x == 2 || x == 8);
      EXPECT_EQ(at(image, y, x).red, border ? 255 : 0) << y << "," << x;
    }
  }
  test::expect_error<core::InternalError>([&] { draw_mask_outline(image, Mask(8, 9, 1), {}); }, {"mask"});
}

TEST(Lettering, FitsTheWidthAndKeepsInkInside) {
  const std::string words = "metal_contamination and more";
  const Image natural = text_image(words, {.capital_px = 14});
  const Image narrow = text_image_within(words, {.capital_px = 14}, natural.width / 2);
  EXPECT_LE(narrow.width, natural.width / 2);
  EXPECT_LT(narrow.height, natural.height);
  EXPECT_LE(text_image_within(words, {.capital_px = 14}, 40).width, 40);
  double darkest = 255;
  for (int x = 0; x < natural.width; ++x) {
    for (const int y : {0, natural.height - 1}) EXPECT_EQ(at(natural, y, x), kWhite);
    for (int y = 0; y < natural.height; ++y) darkest = std::min(darkest, lightness(at(natural, y, x)));
  }
  EXPECT_LT(darkest, 60);
}

TEST(Lettering, LowersPartsInBraces) {
  const auto lowest_ink = [](const Image& image) {
    int lowest = 0;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        if (lightness(at(image, y, x)) < 128) lowest = y;
      }
    }
    return lowest;
  };
  EXPECT_GT(lowest_ink(text_image("A_{sun}", {.capital_px = 20})), lowest_ink(text_image("Asun", {.capital_px = 20})));
}

TEST(Tiling, PutsTilesWhereTheyBelong) {
  const Image red = filled({2, 3}, {255, 0, 0}), blue = filled({4, 1}, {0, 0, 255});
  const Image row = side_by_side({red, blue}, 2);
  ASSERT_EQ(row.size(), (Size{4, 6}));
  EXPECT_EQ(at(row, 0, 0), kWhite);
  EXPECT_EQ(at(row, 1, 2), (Colour{255, 0, 0}));
  EXPECT_EQ(at(row, 1, 4), kWhite);
  EXPECT_EQ(at(row, 3, 5), (Colour{0, 0, 255}));
  const Image column = stacked({red, blue}, 1);
  ASSERT_EQ(column.size(), (Size{7, 3}));
  EXPECT_EQ(at(column, 2, 0), kWhite);
  EXPECT_EQ(at(column, 3, 0), (Colour{0, 0, 255}));
  EXPECT_EQ(with_margin(red, 5).size(), (Size{12, 13}));
  Image canvas = filled({3, 3}, kWhite);
  test::expect_error<core::InternalError>([&] { paste(canvas, blue, 0, 0); }, {"beyond"});
}

TEST(Tiling, TurnsToTheLeft) {
  Image image = filled({2, 3}, kWhite);
  image.row(0)[0] = 0;  // top left goes to bottom left
  const Image turned = turned_left(image);
  ASSERT_EQ(turned.size(), (Size{3, 2}));
  EXPECT_EQ(at(turned, 2, 0).red, 0);
}

TEST(HeatOverlay, ShowsTheImageWhereTheMapIsLowAndItsColourWhereItIsHigh) {
  Image image(1, 3, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(20 * i);
  Map map(1, 3);
  map.values = {1.0f, 2.0f, 9.0f};
  const Image out = heat_overlay(image, map, 1.0f, 3.0f, 0.5f), colours = colour_map(map, 1.0f, 3.0f);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(out.pixels[c], image.pixels[c]);
    EXPECT_NEAR(out.pixels[3 + c], 0.75 * image.pixels[3 + c] + 0.25 * colours.pixels[3 + c], 0.51);
    EXPECT_NEAR(out.pixels[6 + c], 0.5 * image.pixels[6 + c] + 0.5 * colours.pixels[6 + c], 0.51);
  }
  EXPECT_EQ(heat_overlay(image, map, 2.0f, 2.0f).pixels, image.pixels);
}

}  // namespace
}  // namespace normadd::imaging
