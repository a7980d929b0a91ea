// SPDX-License-Identifier: Apache-2.0
#include "detectors/shot_selection.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {
namespace {

using Positions = std::vector<std::size_t>;
using test::expect_error;

/// Images whose height is 100 + their position; ids are not in order.
ImageSource source(std::size_t count, const std::string& category = "nut") {
  ImageSource train;
  train.count = count;
  train.read = [](std::size_t i) { return imaging::Image(100 + static_cast<int>(i), 1, 3); };
  train.category = category;
  for (std::size_t i = 0; i < count; ++i) train.ids.push_back("train/" + std::to_string(9 - i) + ".png");
  return train;
}

class ShotSelectionTest : public ::testing::Test {
 protected:
  std::string list(const std::string& text) const {
    const auto path = directory_ / "shots.yaml";
    std::ofstream(path) << text;
    return path.string();
  }
  test::TemporaryDirectory directory_;
};

TEST_F(ShotSelectionTest, WithoutShotsAllImagesKeepTheirOrder) {
  const ShotSelection selection(ShotOptions{});
  EXPECT_TRUE(selection.all());
  EXPECT_EQ(selection.positions(source(3)), (Positions{0, 1, 2}));
  EXPECT_EQ(selection.count(3), 3u);
}

TEST_F(ShotSelectionTest, TheFirstAreTakenByName) {
  const ShotSelection selection({.shots = 2, .shot_seed = {}, .shot_list = {}});
  EXPECT_EQ(selection.positions(source(5)), (Positions{4, 3}));
  ImageSource nameless = source(5);
  nameless.ids.clear();
  EXPECT_EQ(selection.positions(nameless), (Positions{0, 1}));
  EXPECT_EQ(selection.count(5), 2u);
  EXPECT_EQ(selection.count(1), 1u);
}

TEST_F(ShotSelectionTest, ASeedDrawsDistinctImagesAndFewerAreAPrefixOfMore) {
  const auto drawn = [](int shots, int seed, const std::string& category = "nut") {
    return ShotSelection({.shots = shots, .shot_seed = seed, .shot_list = {}}).positions(source(9, category));
  };
  const Positions eight = drawn(8, 3);
  EXPECT_EQ(std::set<std::size_t>(eight.begin(), eight.end()).size(), 8u);
  for (const int shots : {1, 2, 4}) EXPECT_EQ(drawn(shots, 3), Positions(eight.begin(), eight.begin() + shots));
  EXPECT_EQ(drawn(8, 3), eight);
  EXPECT_NE(drawn(8, 4), eight);
  EXPECT_NE(drawn(8, 3, "bolt"), eight);
}

TEST_F(ShotSelectionTest, ADrawDependsOnNamesAndNotOnTheOrderOfTheSource) {
  ImageSource sorted = source(9);
  std::ranges::reverse(sorted.ids);
  const ShotSelection selection({.shots = 4, .shot_seed = 7, .shot_list = {}});
  EXPECT_EQ(selection.of(source(9)).ids, selection.of(sorted).ids);
}

TEST_F(ShotSelectionTest, AListNamesImagesInItsOwnOrderAndMayRepeatThem) {
  const std::string file = list("nut: [train/7.png, train/9.png, train/7.png]\nbolt: [train/1.png]\n");
  EXPECT_EQ(ShotSelection({.shots = {}, .shot_seed = {}, .shot_list = file}).positions(source(4)),
            (Positions{2, 0, 2}));
  const ShotSelection two({.shots = 2, .shot_seed = {}, .shot_list = file});
  EXPECT_EQ(two.positions(source(4)), (Positions{2, 0}));
  EXPECT_EQ(two.count(100), 2u);
}

TEST_F(ShotSelectionTest, TheChosenImagesAreASourceOfTheirOwn) {
  const ImageSource chosen = ShotSelection({.shots = 2, .shot_seed = {}, .shot_list = {}}).of(source(5));
  EXPECT_EQ(chosen.count, 2u);
  EXPECT_EQ(chosen.ids, (std::vector<std::string>{"train/5.png", "train/6.png"}));
  EXPECT_EQ(chosen.category, "nut");
  EXPECT_EQ(chosen.read(0).height, 104);
  EXPECT_EQ(chosen.read(1).height, 103);
}

TEST_F(ShotSelectionTest, IdentityTellsSelectionsApart) {
  const auto identity = [](const ShotOptions& options) { return ShotSelection(options).identity().dump(); };
  const std::string all = identity({}), two = identity({.shots = 2, .shot_seed = {}, .shot_list = {}});
  EXPECT_NE(all, two);
  EXPECT_NE(two, identity({.shots = 2, .shot_seed = 0, .shot_list = {}}));
  const std::string listed = identity({.shots = {}, .shot_seed = {}, .shot_list = list("nut: [a]")});
  EXPECT_NE(listed, identity({.shots = {}, .shot_seed = {}, .shot_list = list("nut: [b]")}));
}

TEST_F(ShotSelectionTest, ContradictoryOptionsAreRefused) {
  expect_error<core::ConfigError>([] { ShotSelection({.shots = {}, .shot_seed = 1, .shot_list = {}}); },
                                  {"detector.shot_seed", "detector.shots"});
  const std::string file = list("nut: [a]");
  expect_error<core::ConfigError>(
      [&] { ShotSelection({.shots = 1, .shot_seed = 1, .shot_list = file}, "detector.parts.0"); },
      {"detector.parts.0.shot_seed", "detector.parts.0.shot_list"});
}

TEST_F(ShotSelectionTest, WhatIsNotThereIsNamed) {
  const auto refused = [&](const ShotOptions& options, const std::vector<std::string>& mentions) {
    expect_error<core::DataError>([&] { ShotSelection(options).of(source(3)); }, mentions);
  };
  refused({.shots = 4, .shot_seed = {}, .shot_list = {}}, {"4 shots of 'nut'", "only 3", "detector.shots"});
  expect_error<core::DataError>([] { ShotSelection({.shots = 4, .shot_seed = {}, .shot_list = {}}).of(source(3, "")); },
                                {"4 shots are asked for, but there are only 3"});
  const auto refused_list = [&](const std::string& text, const std::vector<std::string>& mentions) {
    refused({.shots = 2, .shot_seed = {}, .shot_list = list(text)}, mentions);
  };
  refused_list("nuts: [train/8.png]", {"no category 'nut'", "nuts", "shots.yaml"});
  refused_list("nut: [train/6.png, train/9.png]", {"train/6.png", "no training image of 'nut'", "Did you mean"});
  refused_list("nut: [train/9.png]", {"2 shots", "only 1", "shots.yaml"});
  refused_list("- train/9.png", {"names no category", "shots.yaml:1"});
  refused_list("nut: train/9.png", {"no list of images for 'nut'", "shots.yaml:1"});
  refused_list("bolt: [a]\nnut: [1]", {"'nut' holds an integer", "shots.yaml:2"});
}

TEST_F(ShotSelectionTest, AMissingListIsNamed) {
  expect_error<core::Error>([] { ShotSelection({.shots = {}, .shot_seed = {}, .shot_list = "/nowhere.yaml"}); },
                            {"/nowhere.yaml"});
}

}  // namespace
}  // namespace normadd::detectors
