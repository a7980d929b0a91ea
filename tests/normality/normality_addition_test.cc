// SPDX-License-Identifier: Apache-2.0
#include "normality/normality_addition.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::normality {
namespace {

constexpr imaging::Size kImage{300, 400};
// On the grid of a 100 x 100 map of the whole image, whose pixels cover 4 x 3 image pixels.
constexpr imaging::Box kSquareInImage{160, 90, 240, 180};

bool inside(const imaging::Box& box, double x, double y, double margin) {
  return x > box.x0 - margin && x < box.x1 + margin && y > box.y0 - margin && y < box.y1 + margin;
}

/// A map of 1 with 5 where the square of the image lies.
imaging::Map marked(const imaging::Geometry& geometry) {
  imaging::Map map(geometry.crop.height, geometry.crop.width, 1.0f);
  const imaging::Box box = geometry.crop_from_image(kSquareInImage);
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x) {
      if (inside(box, x + 0.5, y + 0.5, -3)) map.row(y)[x] = 5.0f;
    }
  }
  return map;
}

class FixedDetector : public detectors::Detector {
 public:
  explicit FixedDetector(imaging::Geometry geometry) : geometry_(geometry) {}
  std::string name() const override { return "fixed"; }
  void fit(const detectors::ImageSource& train, std::uint64_t) override { num_train = train.count; }
  std::vector<detectors::Prediction> predict(std::span<const imaging::Image> images,
                                             std::span<const std::string>) const override {
    return std::vector<detectors::Prediction>(images.size(), {marked(geometry_), geometry_, 99.0});
  }
  void save(const std::filesystem::path&, const Notes&) const override {}
  void load(const std::filesystem::path&) override {}
  detectors::MemoryEstimate memory_estimate(std::size_t, imaging::Size) const override { return {1, 2, "little"}; }
  std::string settings() const override { return "{}"; }
  std::size_t num_train = 0;

 private:
  imaging::Geometry geometry_;
};

/// A_sup = 1 on the square of the image, 0 elsewhere, at 100 x 100 over the whole image.
class SquareFinder : public NormalityDetector {
 public:
  void encode(std::span<const TextPair> pairs) override { encoded.assign(pairs.begin(), pairs.end()); }
  std::size_t num_pairs() const override { return encoded.size(); }
  std::vector<ImageFeatures> features(std::span<const imaging::Image> images) const override {
    const imaging::Geometry geometry = imaging::Geometry::squash(kImage, {100, 100});
    return std::vector<ImageFeatures>(images.size(), {{}, {1, 1}, {100, 100}, geometry});
  }
  imaging::Map suppression(const ImageFeatures&, std::size_t) const override {
    imaging::Map map(100, 100);
    for (int y = 30; y < 60; ++y) std::fill(map.row(y) + 40, map.row(y) + 60, 1.0f);
    return map;
  }
  std::string feature_settings() const override { return "{}"; }
  std::string settings() const override { return "{}"; }
  std::vector<TextPair> encoded;
};

TEST(NormalityAddition, ASquareIsSuppressedWhereTheDetectorsCropShowsIt) {
  const auto crop = imaging::Geometry::shorter_side(kImage, 256, 224);
  ASSERT_EQ(crop.crop, (imaging::Size{224, 224}));
  const auto finder = std::make_shared<SquareFinder>();
  const NormalityAddition addition(std::make_shared<FixedDetector>(crop), finder,
                                   {"set/carpet/thread", {"a thread"}, {"nothing"}}, {});
  ASSERT_EQ(finder->encoded.size(), 1u);
  EXPECT_EQ(finder->encoded[0].key, "set/carpet/thread");

  const std::vector<imaging::Image> images(2, imaging::Image(kImage.height, kImage.width, 3));
  const auto predictions = addition.predict(images);
  ASSERT_EQ(predictions.size(), 2u);
  const imaging::Map before = marked(crop);
  const imaging::Box box = crop.crop_from_image(kSquareInImage);
  int inner = 0, outer = 0;
  for (int y = 0; y < 224; ++y) {
    for (int x = 0; x < 224; ++x) {
      const float after = predictions[1].map.row(y)[x];
      if (inside(box, x + 0.5, y + 0.5, -3)) {
        EXPECT_NEAR(after, 0.0f, 1e-5) << x << ", " << y;
        ++inner;
      } else if (!inside(box, x + 0.5, y + 0.5, 3)) {
        EXPECT_EQ(after, before.row(y)[x]) << x << ", " << y;
        ++outer;
      }
    }
  }
  EXPECT_GT(inner, 3000);
  EXPECT_GT(outer, 40000);
  EXPECT_EQ(predictions[0].geometry, crop);
  EXPECT_EQ(predictions[0].score, map_maximum(predictions[0].map));
  EXPECT_LE(predictions[0].score, 1.0) << "the square held the maximum, and the native score of 99 does not count";
}

TEST(NormalityAddition, NothingIsSuppressedWhereTheNormalityDetectorDidNotLook) {
  const auto whole = imaging::Geometry::squash(kImage, {60, 80});
  const auto centre = imaging::Geometry::shorter_side(kImage, 60, 40);
  const detectors::Prediction prediction{imaging::Map(60, 80, 2.0f), whole, 2.0};
  const imaging::Map fused = align_and_fuse(prediction, imaging::Map(40, 40, 1.0f), centre, {}, 1.0);
  ASSERT_EQ(fused.size(), (imaging::Size{60, 80}));
  EXPECT_EQ(fused.row(0)[0], 2.0f);
  EXPECT_EQ(fused.row(59)[79], 2.0f);
  EXPECT_EQ(fused.row(30)[5], 2.0f);
  EXPECT_EQ(fused.row(30)[40], 0.0f);
  EXPECT_EQ(std::ranges::count(fused.values, 0.0f), 40 * 40);
}

TEST(NormalityAddition, IsADetectorLikeTheOneInside) {
  const auto inside = std::make_shared<FixedDetector>(imaging::Geometry::identity(kImage));
  NormalityAddition addition(inside, std::make_shared<SquareFinder>(), {"k", {"a"}, {"b"}}, {});
  addition.fit({.count = 7, .read = nullptr}, 1);
  EXPECT_EQ(inside->num_train, 7u);
  EXPECT_EQ(addition.name(), "fixed+normality");
  EXPECT_EQ(addition.memory_estimate(7, kImage).predict_bytes, 2u);
}

}  // namespace
}  // namespace normadd::normality
