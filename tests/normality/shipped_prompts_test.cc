// SPDX-License-Identifier: Apache-2.0
// The prompt sets in data/prompts: complete for MVTec AD and the demo, and short enough for the models.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "datasets/official_counts.h"
#include "datasets/procedural.h"
#include "networks/tokenizer.h"
#include "normality/prompt_set.h"

namespace normadd::normality {
namespace {

using Names = std::vector<std::pair<std::string, std::string>>;

PromptSet shipped(const std::string& name) {
  return read_prompt_set(std::filesystem::path(NORMADD_SOURCE_DIR) / "data/prompts" / (name + ".yaml"));
}

Names mvtec_pairs() {
  Names pairs;
  for (const auto& [category, counts] : datasets::official_test_counts()) {
    for (const auto& [type, count] : counts) {
      if (type != "good") pairs.emplace_back(category, type);
    }
  }
  return pairs;
}

Names demo_pairs() {
  Names pairs;
  for (const std::string category : {"carpet", "grid", "marble", "bottle", "cable", "hazelnut"}) {
    for (const auto& type : datasets::procedural_demo_types(category)) pairs.emplace_back(category, type);
  }
  return pairs;
}

/// The micro CLIP's vocabulary has 814 entries: it splits words finer than CLIP's 49 408, so its counts bound theirs.
std::size_t num_tokens(const std::string& text) {
  static const auto tokenizer =
      networks::Tokenizer::from_folder(std::filesystem::path(NORMADD_SOURCE_DIR) / "data/weights/micro_clip");
  return tokenizer.encode(text).size() + 2;
}

TEST(ShippedPrompts, DescribedHasPhrasesOfItsOwnForEveryPair) {
  const PromptSet set = shipped("described");
  ASSERT_EQ(mvtec_pairs().size(), 73u);
  ASSERT_EQ(demo_pairs().size(), 30u);
  EXPECT_TRUE(set.default_positive.empty()) << "a forgotten type must be an error, not a guess";
  for (const auto& pairs : {mvtec_pairs(), demo_pairs()}) {
    for (const auto& [category, type] : pairs) {
      const auto texts = texts_for(set, category, type).positive;
      EXPECT_GE(texts.size(), 5 * set.templates.size()) << category << " " << type;
    }
  }
}

TEST(ShippedPrompts, TypesOfACategoryAreToldApart) {
  const PromptSet set = shipped("described");
  for (const auto& pairs : {mvtec_pairs(), demo_pairs()}) {
    std::map<std::string, std::string> owner;
    for (const auto& [category, type] : pairs) {
      for (const auto& text : texts_for(set, category, type).positive) {
        const auto [found, added] = owner.emplace(category + ": " + text, type);
        EXPECT_TRUE(added) << found->first << " stands for " << found->second << " and for " << type;
      }
    }
  }
}

TEST(ShippedPrompts, NoTextIsBothPositiveAndNegativeNorKeepsABrace) {
  for (const std::string name : {"name_only", "templates", "described", "anomaly_states"}) {
    const PromptSet set = shipped(name);
    EXPECT_EQ(set.name, name);
    for (const auto& [category, type] : mvtec_pairs()) {
      const TextPair texts = texts_for(set, category, type);
      for (const auto& text : texts.positive) {
        EXPECT_EQ(std::ranges::count(texts.negative, text), 0) << name << ": " << text;
        EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << name << ": " << text;
      }
      const std::size_t num_states = name == "name_only" ? 2 : 7;
      EXPECT_EQ(texts.negative.size(), num_states * set.templates.size()) << name;
    }
  }
}

TEST(ShippedPrompts, EveryTextFitsClipsContext) {
  for (const std::string name : {"name_only", "templates", "described", "anomaly_states"}) {
    const PromptSet set = shipped(name);
    std::set<std::string> seen;
    for (const auto& [category, type] : mvtec_pairs()) {
      const TextPair texts = texts_for(set, category, type);
      seen.insert(texts.positive.begin(), texts.positive.end());
      seen.insert(texts.negative.begin(), texts.negative.end());
    }
    for (const auto& text : seen) EXPECT_LE(num_tokens(text), 77u) << name << ": " << text;
  }
}

TEST(ShippedPrompts, EveryTextOfTheDemoFitsTheMicroClipEvenWithTheWrongNoun) {
  constexpr std::size_t kMicroContext = 32;
  for (const std::string name : {"name_only", "templates", "described"}) {
    const PromptSet set = shipped(name);
    for (const auto& [category, type] : demo_pairs()) {
      for (const auto& noun : {category, std::string("zipper")}) {
        const TextPair texts = texts_for(set, category, type, noun);
        for (const auto* list : {&texts.positive, &texts.negative}) {
          for (const auto& text : *list) EXPECT_LE(num_tokens(text), kMicroContext) << name << ": " << text;
        }
      }
    }
  }
}

// APRIL-GAN's prompt_ensemble.py has 35 templates, 7 normal and 5 abnormal states: 245 and 175 prompts.
TEST(ShippedPrompts, AnomalyStatesAreAprilGans) {
  const TextPair texts = texts_for(shipped("anomaly_states"), "metal_nut", "scratch");
  EXPECT_EQ(texts.negative.size(), 245u);
  EXPECT_EQ(texts.positive.size(), 175u);
  EXPECT_EQ(std::ranges::count(texts.positive, "a photo of a metal_nut with defect."), 1);
}

}  // namespace
}  // namespace normadd::normality
