// SPDX-License-Identifier: Apache-2.0
#include "datasets/captions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "datasets/procedural.h"

namespace normadd::datasets {
namespace {

using ::testing::HasSubstr;

TEST(Captions, NounsAreTheOwnTheGenericAndMadeUpOnesInTheirShares) {
  const std::set<std::string> generic{"object", "part", "item", "surface", "product", "sample"};
  core::RandomStream random(4, "nouns");
  std::map<std::string, int> shares;
  std::set<std::string> made_up;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) {
    const std::string noun = draw_noun(random, "gear");
    const std::string kind = noun == "gear" ? "own" : generic.contains(noun) ? "generic" : "made up";
    ++shares[kind];
    if (kind == "made up") made_up.insert(noun);
  }
  // Four standard deviations of a share of 20,000 draws are 1.4 percent.
  EXPECT_NEAR(shares["own"], 0.55 * kDraws, 0.014 * kDraws);
  EXPECT_NEAR(shares["generic"], 0.25 * kDraws, 0.014 * kDraws);
  EXPECT_NEAR(shares["made up"], 0.20 * kDraws, 0.014 * kDraws);
  EXPECT_GT(made_up.size(), 2000u);
  for (const auto& word : made_up) {
    ASSERT_TRUE(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; })) << word;
    ASSERT_GE(word.size(), 4u);
  }
}

TEST(Captions, NameTheNounAndOneSynonymOfTheType) {
  for (const auto& type : procedural_defect_types()) {
    core::RandomStream random(5, type);
    std::set<std::string> used;
    for (int i = 0; i < 300; ++i) {
      const std::string caption = draw_caption(random, "zubaro", type);
      ASSERT_THAT(caption, HasSubstr("zubaro"));
      ASSERT_EQ(caption.find_first_of("{}"), std::string::npos) << caption;
      bool named = false;
      for (const auto& synonym : type_synonyms(type)) {
        if (caption.find(synonym) == std::string::npos) continue;
        used.insert(synonym);
        named = true;
      }
      ASSERT_TRUE(named) << caption;
    }
    EXPECT_EQ(used.size(), type_synonyms(type).size()) << type;
    EXPECT_EQ(type_synonyms(type)[0], type);
  }
}

TEST(Captions, AreTheSameWhateverCompilerBuiltTheProgram) {
  core::RandomStream random(5, "order");
  EXPECT_EQ(draw_caption(random, "nut", "stain"), "a close-up photo of a nut showing stain.");
  EXPECT_EQ(draw_caption(random, "nut", "stain"), "a close-up photo of a nut with spilled liquid.");
  EXPECT_EQ(draw_caption(random, "nut", "stain"), "this is a nut showing dark wet spot.");
}

TEST(Captions, NoSynonymStandsForTwoTypes) {
  std::set<std::string> seen;
  for (const auto& type : procedural_defect_types()) {
    for (const auto& synonym : type_synonyms(type)) EXPECT_TRUE(seen.insert(synonym).second) << synonym;
  }
}

TEST(Captions, OfGoodPicturesNameNoDefectType) {
  core::RandomStream random(6, "good");
  for (int i = 0; i < 300; ++i) {
    const std::string caption = draw_caption(random, "zubaro", "good");
    ASSERT_THAT(caption, HasSubstr("zubaro"));
    for (const auto& type : procedural_defect_types()) {
      for (const auto& synonym : type_synonyms(type)) ASSERT_EQ(caption.find(synonym), std::string::npos) << caption;
    }
  }
}

TEST(Captions, ForMeasuringAreDistinctAndFixed) {
  EXPECT_EQ(evaluation_captions("nut", "good").size(), 28u);
  for (const auto& type : procedural_defect_types()) {
    const auto captions = evaluation_captions("nut", type);
    EXPECT_EQ(captions.size(), 32u);
    EXPECT_EQ(std::set<std::string>(captions.begin(), captions.end()).size(), captions.size());
    EXPECT_EQ(evaluation_captions("nut", type), captions);
  }
}

TEST(Captions, RefuseUnknownTypes) {
  core::RandomStream random(7, "unknown");
  EXPECT_THROW(draw_caption(random, "nut", "rust"), core::InternalError);
  EXPECT_THROW(type_synonyms("good"), core::InternalError);
}

}  // namespace
}  // namespace normadd::datasets
