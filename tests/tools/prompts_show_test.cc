// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "networks/tokenizer.h"
#include "normadd/commands.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kModel = std::string(NORMADD_SOURCE_DIR) + "/data/weights/micro_clip";

const std::string kSet = R"(author: a test
templates: ["{}", "a photo of the {}."]
negative: ["flawless {category}"]
positive:
  types:
    crack: ["cracked {category}"]
  pairs:
    carpet:
      hole: ["{category} with a hole"]
      thread: ["{category} with a thread"]
    grid:
      hole: ["pierced {category}"]
)";

class Show : public ::testing::Test {
 protected:
  Show() { core::write_file_atomically(directory_ / "mine.yaml", kSet); }
  Outcome show(Arguments what) const {
    Arguments arguments{"prompts", "show", "--folder", directory_.path().string()};
    arguments.insert(arguments.end(), what.begin(), what.end());
    return run_quietly(arguments);
  }
  test::TemporaryDirectory directory_;
};

TEST_F(Show, OfOnePairHasItsTextsTheirCountsAndTheirIds) {
  const auto json = nlohmann::json::parse(show({"mine", "carpet", "hole", "--json"}).out);
  EXPECT_EQ(json.at("key"), "mine/carpet/hole");
  ASSERT_EQ(json.at("positive").size(), 2u);
  const auto& text = json.at("positive")[1];
  EXPECT_EQ(text.at("text"), "a photo of the carpet with a hole.");
  const auto tokenizer = networks::Tokenizer::from_folder(kModel);
  const auto padded = tokenizer.encode_padded(text.at("text"), 32);
  const auto ids = text.at("ids").get<std::vector<std::int64_t>>();
  EXPECT_EQ(text.at("num_tokens"), ids.size());
  for (std::size_t i = 0; i < padded.size(); ++i) EXPECT_EQ(padded[i], i < ids.size() ? ids[i] : 0);
  EXPECT_EQ(json.at("negative")[0].at("text"), "flawless carpet");
  EXPECT_EQ(json.at("context"), 32);
}

TEST_F(Show, OfASetHasEveryPairThatItNames) {
  const auto json = nlohmann::json::parse(show({"mine", "--json"}).out);
  std::vector<std::string> keys;
  for (const auto& pair : json.at("pairs")) keys.push_back(pair.at("key"));
  EXPECT_THAT(keys, ::testing::ElementsAre("mine/carpet/hole", "mine/carpet/thread", "mine/grid/hole",
                                           "mine/{category}/crack"));
  const auto outcome = show({"mine"});
  EXPECT_THAT(outcome.out, HasSubstr("shows hole on grid (2 texts"));
  EXPECT_THAT(outcome.out, HasSubstr("cracked {category}"));
  EXPECT_THAT(outcome.out, HasSubstr("4 pairs, 16 texts"));
  EXPECT_THAT(outcome.out, HasSubstr("a test"));
}

TEST_F(Show, OfACategoryHasItsPairsAndTheTypesOfAnyCategory) {
  const auto out = show({"mine", "carpet"}).out;
  EXPECT_THAT(out, HasSubstr("shows hole on carpet"));
  EXPECT_THAT(out, HasSubstr("shows crack on carpet"));
  EXPECT_THAT(out, HasSubstr("cracked carpet"));
  EXPECT_THAT(out, Not(HasSubstr("grid")));
}

TEST_F(Show, AddsTheCountsUp) {
  const auto json = nlohmann::json::parse(show({"mine", "carpet", "hole", "--json"}).out);
  std::size_t sum = 0, longest = 0;
  for (const char* list : {"positive", "negative"}) {
    for (const auto& text : json.at(list)) {
      sum += text.at("num_tokens").get<std::size_t>();
      longest = std::max(longest, text.at("num_tokens").get<std::size_t>());
    }
  }
  EXPECT_THAT(show({"mine", "carpet", "hole"}).out,
              HasSubstr(fmt::format("1 pair, 4 texts, {} tokens, longest text {} tokens", sum, longest)));
}

TEST_F(Show, MarksTextsThatTheModelCannotRead) {
  EXPECT_THAT(show({"mine", "carpet", "hole"}).out, Not(HasSubstr("!")));
  const auto json = nlohmann::json::parse(show({"mine", "carpet", "hole", "--json"}).out);
  const int first = json.at("positive")[0].at("num_tokens"), second = json.at("positive")[1].at("num_tokens");
  ASSERT_LT(first, second);
  const std::string context = std::to_string(second - 1);
  const auto out = show({"mine", "carpet", "hole", "--context", context}).out;
  EXPECT_THAT(out, HasSubstr(fmt::format("! {:>3}  a photo of the carpet with a hole.", second)));
  EXPECT_THAT(out, HasSubstr(fmt::format("  {:>3}  carpet with a hole", first)));
  EXPECT_THAT(out, HasSubstr("marked ! have more than " + context + " tokens"));
  const auto marked = nlohmann::json::parse(show({"mine", "carpet", "hole", "--context", context, "--json"}).out);
  EXPECT_EQ(marked.at("positive")[0].at("too_long"), false);
  EXPECT_EQ(marked.at("positive")[1].at("too_long"), true);
}

TEST_F(Show, RefusesWhatTheSetDoesNotHave) {
  const std::string folder = directory_.path().string();
  expect_refusal({"prompts", "show"}, {"Usage"});
  expect_refusal({"prompts", "show", "mine", "a", "b", "c"}, {"Usage"});
  expect_refusal({"prompts", "show", "mine", "carpet", "stain", "--folder", folder}, {"mine.yaml", "stain", "carpet"});
}

TEST_F(Show, TakesShippedSetsFromWhereTheyAre) {
  EXPECT_EQ(show({"described", "carpet", "thread"}).exit_code, 0);
  const auto any = show({"name_only"});
  EXPECT_THAT(any.out, HasSubstr("{category} with {type}"));
}

TEST_F(Show, EveryShippedSetCanBeShownWhole) {
  for (const auto& set : nlohmann::json::parse(run_quietly({"prompts", "list", "--json"}).out)) {
    const std::string name = set.at("name");
    const auto outcome = run_quietly({"prompts", "show", name});
    EXPECT_EQ(outcome.exit_code, 0) << name << outcome.error;
    EXPECT_THAT(outcome.out, HasSubstr("longest text"));
  }
}

TEST_F(Show, TheListNamesSetsAuthorsAndWhatTheyCover) {
  const auto list = run_quietly({"prompts", "list", "--folder", directory_.path().string()});
  ASSERT_EQ(list.exit_code, 0) << list.error;
  EXPECT_THAT(list.out, HasSubstr("3 pairs, 1 types on any category"));
  EXPECT_THAT(list.out, HasSubstr("a test"));
  for (const char* name : {"mine", "described", "name_only", "templates", "anomaly_states"}) {
    EXPECT_THAT(list.out, HasSubstr(name));
  }
  const auto json = nlohmann::json::parse(run_quietly({"prompts", "list", "--json"}).out);
  for (const auto& set : json) {
    if (set.at("name") != "described") continue;
    EXPECT_EQ(set.at("num_pairs"), 73);
    EXPECT_EQ(set.at("num_types"), 10);
    EXPECT_EQ(set.at("any_pair"), false);
    EXPECT_EQ(set.at("generated"), false);
  }
  core::write_file_atomically(directory_ / "broken.yaml", "templates: [\n");
  const auto broken = run_quietly({"prompts", "list", "--folder", directory_.path().string()});
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.error, HasSubstr("broken.yaml"));
  EXPECT_THAT(broken.out, HasSubstr("described"));
  expect_refusal({"prompts", "list", "--folder", "/nowhere/at/all"}, {"/nowhere/at/all"});
}

}  // namespace
}  // namespace normadd::tools
