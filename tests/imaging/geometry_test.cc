// SPDX-License-Identifier: Apache-2.0
// Geometry against torchvision's Resize and CenterCrop, and against itself: there and back.
#include "imaging/geometry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/csv.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/random.h"
#include "formula_picture.h"
#include "golden_reader.h"
#include "support/expect_error.h"

namespace normadd::imaging {
namespace {

TEST(Geometry, EqualsTorchvisionsResizeAndCentreCrop) {
  const core::CsvTable table = core::read_csv(test::golden("imaging/geometry.csv"));
  ASSERT_EQ(table.rows.size(), 60u);
  for (const auto& row : table.rows) {
    const Size size{std::stoi(row[0]), std::stoi(row[1])};
    const Geometry geometry = Geometry::shorter_side(size, std::stoi(row[2]), std::stoi(row[3]));
    const std::string where = row[0] + "x" + row[1] + " " + row[2] + "/" + row[3];
    EXPECT_EQ(geometry.resized, (Size{std::stoi(row[4]), std::stoi(row[5])})) << where;
    EXPECT_EQ(geometry.top, std::stoi(row[6])) << where;
    EXPECT_EQ(geometry.left, std::stoi(row[7])) << where;
    const Image crop = image_in_crop(test::formula_picture(size, 3), geometry, Filter::kBilinear);
    EXPECT_EQ(core::sha256_hex({reinterpret_cast<const char*>(crop.pixels.data()), crop.pixels.size()}), row[8])
        << where;
  }
}

TEST(Geometry, BoxesComeBack) {
  core::RandomStream random(5, "boxes");
  for (int i = 0; i < 100; ++i) {
    const Size size{30 + static_cast<int>(random.index(900)), 30 + static_cast<int>(random.index(900))};
    const Geometry geometry = i % 2 == 0 ? Geometry::shorter_side(size, 64, 33) : Geometry::squash(size, {48, 48});
    const Box box{random.uniform(0, size.width), random.uniform(0, size.height), random.uniform(0, size.width),
                  random.uniform(0, size.height)};
    const Box back = geometry.image_from_crop(geometry.crop_from_image(box));
    EXPECT_NEAR(back.x0, box.x0, 1e-9);
    EXPECT_NEAR(back.y0, box.y0, 1e-9);
    EXPECT_NEAR(back.x1, box.x1, 1e-9);
    EXPECT_NEAR(back.y1, box.y1, 1e-9);
  }
}

TEST(Geometry, CropCoversTheMiddleOfTheImage) {
  // 512 x 1024 to 256 x 512, then 224 x 224 from (144, 16): in the image twice that.
  const Geometry geometry = Geometry::shorter_side({512, 1024}, 256, 224);
  const Box box = geometry.image_from_crop({0, 0, 224, 224});
  EXPECT_DOUBLE_EQ(box.x0, 288);
  EXPECT_DOUBLE_EQ(box.y0, 32);
  EXPECT_DOUBLE_EQ(box.x1, 736);
  EXPECT_DOUBLE_EQ(box.y1, 480);
}

TEST(Geometry, MasksStayBinaryAndFollowTheImage) {
  Mask mask(100, 200, 1);
  for (int y = 30; y < 60; ++y) std::fill_n(mask.row(y) + 80, 50, 1);
  const Mask crop = mask_in_crop(mask, Geometry::shorter_side({100, 200}, 50, 40));
  ASSERT_EQ(crop.size(), (Size{40, 40}));
  // Resized by half: rows 15-29, columns 40-64; the crop begins at row 5, column 30.
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) EXPECT_EQ(crop.row(y)[x], y >= 10 && y < 25 && x >= 10 && x < 35 ? 1 : 0);
  }
}

/// A map whose value is the position in the image: bringing it anywhere must keep that.
Map positions(const Geometry& geometry, Size size) {
  Map map(size.height, size.width);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double in_crop_x = (x + 0.5) * geometry.crop.width / size.width;
      const double in_crop_y = (y + 0.5) * geometry.crop.height / size.height;
      const Box at = geometry.image_from_crop({in_crop_x, in_crop_y, in_crop_x, in_crop_y});
      map.row(y)[x] = static_cast<float>(at.x0 + 1000 * at.y0);
    }
  }
  return map;
}

TEST(Geometry, MapsMoveBetweenFramesWithoutShifting) {
  const Size image{300, 420};
  const Geometry whole = Geometry::squash(image, {240, 240});
  const Geometry part = Geometry::shorter_side(image, 128, 112);
  for (const Size grid : {Size{240, 240}, Size{15, 15}, Size{37, 29}}) {
    const Map moved = map_in_crop(positions(whole, grid), whole, part, -1.0f);
    const Map expected = positions(part, part.crop);
    ASSERT_EQ(moved.size(), part.crop);
    EXPECT_LE(test::largest_difference(moved, expected), 0.5) << grid.height;  // of 300 000
  }
}

TEST(Geometry, OutsideTheCropTheMapHasTheGivenValue) {
  const Geometry geometry = Geometry::shorter_side({200, 100}, 50, 40);
  const Map map(40, 40, 2.0f);
  const Map image = map_in_image(map, geometry, -3.0f);
  ASSERT_EQ(image.size(), (Size{200, 100}));
  const Box inside = geometry.image_from_crop({0, 0, 40, 40});
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 100; ++x) {
      const bool in = x + 0.5 > inside.x0 && x + 0.5 < inside.x1 && y + 0.5 > inside.y0 && y + 0.5 < inside.y1;
      ASSERT_EQ(image.row(y)[x], in ? 2.0f : -3.0f) << x << "," << y;
    }
  }
}

TEST(Geometry, SameFrameMeansSameMap) {
  const Geometry geometry = Geometry::shorter_side({90, 70}, 40, 32);
  const Map map = test::formula_map({32, 32});
  EXPECT_EQ(map_in_crop(map, geometry, geometry, 0.0f).values, map.values);
}

TEST(Geometry, RefusesACropLargerThanTheImage) {
  test::expect_error<core::ConfigError>([] { Geometry::shorter_side({100, 100}, 64, 65); }, {"crop", "larger"});
}

}  // namespace
}  // namespace normadd::imaging
