// SPDX-License-Identifier: Apache-2.0
#include "reporting/panel.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "imaging/overlay.h"
#include "support/expect_error.h"

namespace normadd::reporting {
namespace {

using imaging::Colour;
using imaging::Image;
using imaging::Map;

Colour at(const Image& image, int y, int x) {
  const std::uint8_t* pixel = image.row(y) + x * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

bool holds(const Image& image, Colour colour) {
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (at(image, y, x) == colour) return true;
    }
  }
  return false;
}

int count_of(const Image& image, Colour colour) {
  int count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) count += at(image, y, x) == colour ? 1 : 0;
  }
  return count;
}

PanelRow row_of(float anomaly, float suppression) {
  PanelRow row;
  row.label = "added: scratch";
  row.image = Image(64, 64, 3);
  std::fill(row.image.pixels.begin(), row.image.pixels.end(), std::uint8_t{77});
  row.anomaly = Map(64, 64, anomaly);
  row.suppression = Map(16, 16, suppression);
  row.fused = Map(64, 64, anomaly * (1 - suppression));
  row.score_before = anomaly;
  row.score_after = anomaly * (1 - suppression);
  return row;
}

constexpr int kTilePixels = 192 * 192;

TEST(Panel, MapsAreColouredOnOneScaleForAllRows) {
  const Image panel = draw_panel("title", {row_of(4.0f, 0.0f), row_of(4.0f, 1.0f), row_of(2.0f, 0.5f)}).picture;
  // From 0 (fully suppressed) to 4: 2 is the middle and 1 the first quarter, whatever their row's own range.
  const Image ramp = imaging::colour_map(
      [] {
        Map map(1, 4);
        map.values = {0, 1, 2, 4};
        return map;
      }(),
      0, 4);
  EXPECT_GE(count_of(panel, at(ramp, 0, 0)), kTilePixels);
  EXPECT_GE(count_of(panel, at(ramp, 0, 1)), kTilePixels);
  EXPECT_GE(count_of(panel, at(ramp, 0, 2)), kTilePixels);
  EXPECT_GE(count_of(panel, at(ramp, 0, 3)), 3 * kTilePixels);
}

TEST(Panel, TheScaleStartsAtZeroAndEqualValuesLookEqual) {
  // No value is near zero; were the scale to start at the least value, 3 would get the darkest colour.
  PanelRow kept = row_of(3.0f, 0.0f), peak = row_of(4.0f, 0.0f);
  const Image panel = draw_panel("title", {peak, kept}).picture;
  const Image three = imaging::colour_map(Map(1, 1, 3.0f), 0, 4);
  EXPECT_GE(count_of(panel, at(three, 0, 0)), 2 * kTilePixels);  // in A and in A_final
  // A_final takes no part in the scale.
  peak.fused = Map(64, 64, 9.0f);
  EXPECT_GE(count_of(draw_panel("title", {peak, kept}).picture, at(three, 0, 0)), 2 * kTilePixels);
}

TEST(Panel, SuppressionIsOnZeroToOneEvenWhenItIsWeak) {
  const Image panel = draw_panel("title", {row_of(4.0f, 0.25f)}).picture;
  const Image weak = imaging::colour_map(Map(1, 1, 0.25f), 0, 1, imaging::Ramp::kViridis);
  EXPECT_GE(count_of(panel, at(weak, 0, 0)), kTilePixels);
}

TEST(Panel, MasksAreShownAndOutlined) {
  PanelRow row = row_of(4.0f, 0.5f);
  const int white_before = count_of(draw_panel("", {row}).picture, {255, 255, 255});
  row.mask = imaging::Mask(64, 64, 1);
  for (int y = 20; y < 40; ++y) std::fill_n(row.mask.row(y) + 20, 20, 1);
  const Image panel = draw_panel("", {row}).picture;
  EXPECT_GT(count_of(panel, {255, 255, 255}), white_before + 60 * 60);
  EXPECT_GE(count_of(panel, {0, 0, 0}), kTilePixels / 2);
}

TEST(Panel, TheMaskIsOutlinedOnTheImageToo) {
  PanelRow row = row_of(4.0f, 0.5f);
  row.mask = imaging::Mask(64, 64, 1);
  for (int y = 20; y < 40; ++y) std::fill_n(row.mask.row(y) + 20, 20, 1);
  const Colour grey = {77, 77, 77};
  const int without = count_of(draw_panel("", {row_of(4.0f, 0.5f)}).picture, grey);
  const int with = count_of(draw_panel("", {row}).picture, grey);
  EXPECT_LT(with, without);
  EXPECT_GT(with, without - 8 * 70);  // a thin line of about 4 x 70 pixels, not an area
}

TEST(Panel, GrowsByRowsAndTakesAnySize) {
  PanelRow wide = row_of(1.0f, 0.1f);
  wide.image = Image(30, 90, 3);
  wide.label = "retained: a_type_with_an_extraordinarily_long_name";
  const Image one = draw_panel("t", {wide}).picture;
  const Image two = draw_panel("t", {wide, wide}).picture;
  EXPECT_EQ(one.width, two.width);
  EXPECT_GE(two.height - one.height, 192);
  EXPECT_GE(one.width, 5 * 3 * 192);
  EXPECT_TRUE(holds(one, {255, 255, 255}));
}

TEST(Panel, RowsOfDifferentShapeFit) {
  PanelRow wide = row_of(1.0f, 0.1f);
  wide.image = Image(30, 90, 3);
  EXPECT_NO_THROW(draw_panel("t", {row_of(1.0f, 0.1f), wide}));
  EXPECT_NO_THROW(draw_panel(std::string(400, 'x'), {wide, row_of(0.0f, 0.0f)}));
}

bool is_all(const Image& image, const Rectangle& area, Colour colour) {
  for (int y = area.top; y < area.top + area.height; ++y) {
    for (int x = area.left; x < area.left + area.width; ++x) {
      if (!(at(image, y, x) == colour)) return false;
    }
  }
  return true;
}

TEST(Panel, SaysWhereItsTilesAre) {
  PanelRow wide = row_of(2.0f, 1.0f);
  wide.image = Image(32, 64, 3);
  std::fill(wide.image.pixels.begin(), wide.image.pixels.end(), std::uint8_t{99});
  for (const std::string& title : {std::string(), std::string("a title")}) {
    const Panel panel = draw_panel(title, {row_of(4.0f, 0.5f), wide});
    ASSERT_EQ(panel.rows.size(), 2u);
    const auto anomaly = [](float value) { return at(imaging::colour_map(Map(1, 1, value), 0, 4), 0, 0); };
    const auto suppression = [](float value) {
      return at(imaging::colour_map(Map(1, 1, value), 0, 1, imaging::Ramp::kViridis), 0, 0);
    };
    EXPECT_TRUE(is_all(panel.picture, panel.rows[0].image, {77, 77, 77}));
    EXPECT_TRUE(is_all(panel.picture, panel.rows[0].before, anomaly(4)));
    EXPECT_TRUE(is_all(panel.picture, panel.rows[0].suppression, suppression(0.5f)));
    EXPECT_TRUE(is_all(panel.picture, panel.rows[0].after, anomaly(2)));
    EXPECT_TRUE(is_all(panel.picture, panel.rows[1].image, {99, 99, 99}));
    EXPECT_TRUE(is_all(panel.picture, panel.rows[1].before, anomaly(2)));
    EXPECT_TRUE(is_all(panel.picture, panel.rows[1].after, anomaly(0)));
    EXPECT_EQ(panel.rows[0].image.width, panel.rows[0].image.height);
    EXPECT_EQ(panel.rows[1].after.width, 2 * panel.rows[1].after.height);
    // Nothing is cut off: paper begins beside the tile.
    const Rectangle& last = panel.rows[1].after;
    EXPECT_TRUE(at(panel.picture, last.top + 5, last.left + last.width) == (Colour{255, 255, 255}));
    EXPECT_TRUE(at(panel.picture, last.top - 1, last.left + 5) == (Colour{255, 255, 255}));
  }
}

TEST(Panel, NeedsARow) {
  test::expect_error<core::InternalError>([] { draw_panel("title", {}); }, {"row"});
}

}  // namespace
}  // namespace normadd::reporting
