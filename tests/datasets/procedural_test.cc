// SPDX-License-Identifier: Apache-2.0
#include "datasets/procedural.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::datasets {
namespace {

constexpr int kSide = 64;

ProceduralImage demo_picture(const std::string& category, const std::string& type, std::uint64_t seed) {
  core::RandomStream random(seed, "picture");
  return draw_demo_image(77, category, type, random, kSide);
}

std::size_t marked(const ProceduralImage& picture) {
  return static_cast<std::size_t>(std::count_if(picture.defect_class.pixels.begin(), picture.defect_class.pixels.end(),
                                                [](std::uint8_t value) { return value != 0; }));
}

int number_of(const std::string& type) {
  const auto& types = procedural_defect_types();
  return static_cast<int>(std::find(types.begin(), types.end(), type) - types.begin());
}

TEST(Procedural, DemoCategoriesAreNeverTrainedOn) {
  const auto& training = procedural_training_categories();
  EXPECT_EQ(training.size(), 14u);
  EXPECT_EQ(procedural_demo_categories().size(), 6u);
  for (const auto& name : procedural_demo_categories()) {
    EXPECT_EQ(std::count(training.begin(), training.end(), name), 0) << name;
    EXPECT_EQ(procedural_demo_types(name).size(), 5u);
    EXPECT_TRUE(std::is_sorted(procedural_demo_types(name).begin(), procedural_demo_types(name).end()));
    for (const auto& type : procedural_demo_types(name)) EXPECT_LT(number_of(type), 10) << type;
  }
  core::RandomStream random(1, "picture");
  EXPECT_THROW(draw_demo_image(77, "wood", "good", random, kSide), core::InternalError);
}

TEST(Procedural, TheSameSeedsDrawTheSameBytes) {
  for (const auto& category : procedural_demo_categories()) {
    const auto& type = procedural_demo_types(category)[0];
    const auto first = demo_picture(category, type, 5), again = demo_picture(category, type, 5);
    EXPECT_EQ(first.image.pixels, again.image.pixels) << category;
    EXPECT_EQ(first.defect_class.pixels, again.defect_class.pixels) << category;
    EXPECT_NE(first.image.pixels, demo_picture(category, type, 6).image.pixels) << category;
  }
}

TEST(Procedural, OutsideItsMaskADefectivePictureIsTheCleanOne) {
  for (const auto& category : procedural_demo_categories()) {
    for (const auto& type : procedural_demo_types(category)) {
      const auto clean = demo_picture(category, "good", 9), damaged = demo_picture(category, type, 9);
      EXPECT_EQ(marked(clean), 0u);
      EXPECT_EQ(clean.object.pixels, damaged.object.pixels);
      std::size_t changed_outside = 0, changed_inside = 0;
      for (std::size_t i = 0; i < clean.image.pixels.size(); ++i) {
        if (clean.image.pixels[i] == damaged.image.pixels[i]) continue;
        ++(damaged.defect_class.pixels[i / 3] != 0 ? changed_inside : changed_outside);
      }
      EXPECT_EQ(changed_outside, 0u) << category << ' ' << type;
      EXPECT_GT(changed_inside, marked(damaged)) << category << ' ' << type;  // of three channels
    }
  }
}

TEST(Procedural, EveryDefectLeavesAMarkOfItsClassOnTheObject) {
  for (const auto& category : procedural_demo_categories()) {
    for (const auto& type : procedural_demo_types(category)) {
      for (std::uint64_t seed = 0; seed < 25; ++seed) {
        const auto picture = demo_picture(category, type, seed);
        ASSERT_GE(marked(picture), 5u) << category << ' ' << type << ' ' << seed;
        ASSERT_LT(marked(picture), kSide * kSide / 2u) << category << ' ' << type << ' ' << seed;
        for (std::size_t i = 0; i < picture.object.pixels.size(); ++i) {
          const int value = picture.defect_class.pixels[i];
          if (value == 0) continue;
          ASSERT_EQ(value, 1 + number_of(type));
          ASSERT_EQ(picture.object.pixels[i], 1) << category << ' ' << type << ' ' << seed;
        }
      }
    }
  }
}

TEST(Procedural, TrainingPicturesHaveTheDefectsAskedFor) {
  for (std::size_t category = 0; category < procedural_training_categories().size(); ++category) {
    core::RandomStream random(3, "training");
    const std::vector<int> types{static_cast<int>(category % 10)};
    const auto picture = draw_training_image(random, category, types, kSide);
    EXPECT_GE(marked(picture), 5u) << procedural_training_categories()[category];
    for (const int value : picture.defect_class.pixels) ASSERT_TRUE(value == 0 || value == 1 + types[0]);
    EXPECT_EQ(marked(draw_training_image(random, category, {}, kSide)), 0u);
  }
}

}  // namespace
}  // namespace normadd::datasets
