// SPDX-License-Identifier: Apache-2.0
#include "normality/controls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "datasets/official_counts.h"
#include "support/expect_error.h"

namespace normadd::normality {
namespace {

imaging::Map numbered(int height, int width) {
  imaging::Map map(height, width);
  for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] = static_cast<float>(i);
  return map;
}

TEST(Controls, NamesAreReadBackAndMisspellingsGetTheNearest) {
  std::set<Control> seen;
  for (const auto& name : control_names()) seen.insert(parse_control(name));
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(parse_control("shuffled_prompts"), Control::kShuffledPrompts);
  test::expect_error<core::ConfigError>([] { parse_control("wrong_objekt"); }, {"wrong_objekt", "wrong_object"});
}

TEST(Controls, OnlyTextsAndShufflesDependOnThePromptSet) {
  for (const auto& name : control_names()) {
    const Control control = parse_control(name);
    EXPECT_EQ(changes_texts(control), name == "shuffled_prompts" || name == "wrong_object") << name;
    EXPECT_EQ(depends_on_prompts(control), changes_texts(control) || name == "random") << name;
  }
}

TEST(Controls, StandInTypesAreAPermutationWithoutFixedPoint) {
  for (const auto& [category, counts] : datasets::official_test_counts()) {
    std::vector<std::string> types;
    for (const auto& [type, count] : counts) {
      if (type != "good") types.push_back(type);
    }
    if (types.size() < 2) continue;
    std::set<std::string> stand_ins;
    for (const auto& type : types) {
      EXPECT_NE(stand_in_type(types, type), type);
      EXPECT_EQ(std::ranges::count(types, stand_in_type(types, type)), 1);
      stand_ins.insert(stand_in_type(types, type));
    }
    EXPECT_EQ(stand_ins.size(), types.size()) << category;
  }
}

TEST(Controls, AStandInTypeNeedsASecondType) {
  test::expect_error<core::InternalError>([] { (void)stand_in_type({"hole"}, "hole"); }, {"hole"});
  test::expect_error<core::InternalError>([] { (void)stand_in_type({"cut", "hole"}, "crack"); }, {"crack"});
}

TEST(Controls, StandInNounIsNeverTheCategory) {
  for (const auto& [category, counts] : datasets::official_test_counts()) EXPECT_NE(stand_in_noun(category), category);
}

TEST(Controls, ShufflingKeepsEveryValueOnce) {
  for (const auto& [height, width] : {std::pair{32, 48}, {37, 50}, {16, 16}, {5, 7}}) {
    const imaging::Map map = numbered(height, width);
    core::RandomStream random(1, "shuffle test");
    imaging::Map shuffled = shuffled_cells(map, random);
    EXPECT_NE(shuffled.values, map.values);
    std::ranges::sort(shuffled.values);
    EXPECT_EQ(shuffled.values, map.values) << height << " x " << width;
  }
}

TEST(Controls, ShufflingMovesWholeCells) {
  const imaging::Map map = numbered(32, 48);  // cells of 2 x 3
  core::RandomStream random(2, "shuffle test");
  const imaging::Map shuffled = shuffled_cells(map, random);
  int moved = 0;
  for (int y = 0; y < 32; y += 2) {
    for (int x = 0; x < 48; x += 3) {
      const float corner = shuffled.row(y)[x];
      EXPECT_EQ(shuffled.row(y)[x + 2], corner + 2);
      EXPECT_EQ(shuffled.row(y + 1)[x + 1], corner + 48 + 1);
      moved += corner != map.row(y)[x];
    }
  }
  EXPECT_GT(moved, 200) << "of 256 cells";
}

TEST(Controls, ShufflingDependsOnTheStreamOnly) {
  const imaging::Map map = numbered(32, 32);
  core::RandomStream first(3, "a"), again(3, "a"), other(3, "b");
  const imaging::Map shuffled = shuffled_cells(map, first);
  EXPECT_EQ(shuffled.values, shuffled_cells(map, again).values);
  EXPECT_NE(shuffled.values, shuffled_cells(map, other).values);
}

TEST(Controls, MapsAreHandedOnToOthers) {
  for (const std::size_t count : {std::size_t{2}, std::size_t{3}, std::size_t{117}}) {
    auto receivers = handed_on(count, core::RandomStream(4, "hand on"));
    EXPECT_EQ(receivers, handed_on(count, core::RandomStream(4, "hand on")));
    for (std::size_t i = 0; i < count; ++i) EXPECT_NE(receivers[i], i);
    std::ranges::sort(receivers);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(receivers[i], i) << "each gets one";
  }
  EXPECT_NE(handed_on(117, core::RandomStream(4, "hand on")), handed_on(117, core::RandomStream(5, "hand on")));
  EXPECT_EQ(handed_on(1, core::RandomStream(4, "hand on")), std::vector<std::size_t>{0});
  EXPECT_TRUE(handed_on(0, core::RandomStream(4, "hand on")).empty());
}

}  // namespace
}  // namespace normadd::normality
