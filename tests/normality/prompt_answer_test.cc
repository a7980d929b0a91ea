// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "normality/phrase_text.h"
#include "support/chat_server.h"

namespace normadd::normality {
namespace {

using test::descriptions_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Answers : public ::testing::Test {
 protected:
  static AnswerRules rules() {
    const std::filesystem::path home = NORMADD_SOURCE_DIR;
    return {.n = 2,
            .names_category = true,
            .frame = read_prompt_set(home / "data/prompts/name_only.yaml"),
            .tokenizer = networks::Tokenizer::from_folder(home / "data/weights/micro_clip")};
  }
  JudgedAnswer judge(const std::string& content, bool cut_off = false) const {
    return judge_answer(content, cut_off, "metal_nut", "gray_stroke", rules_);
  }
  JudgedAnswer judge_texts(const std::vector<std::string>& texts) const { return judge(descriptions_json(texts)); }
  /// One problem, which has these words in it, and no phrases.
  void rejected(const JudgedAnswer& judged, const std::string& words) const {
    EXPECT_THAT(judged.problems, ElementsAre(HasSubstr(words)));
    EXPECT_THAT(judged.phrases, IsEmpty());
  }
  /// As rejected, for the second of two texts.
  void text_rejected(const std::string& text, const std::string& words) const {
    const auto judged = judge_texts({"metal nut with a smear", text});
    rejected(judged, words);
    EXPECT_THAT(judged.problems, ElementsAre(HasSubstr("Description 2")));
  }

  AnswerRules rules_ = rules();
};

TEST_F(Answers, AreTakenAsObjectAsArrayInAFenceAndAfterThoughts) {
  const std::string object = R"({"descriptions": ["metal nut with a smear", "gray line on the metal nut"]})";
  const std::string array = R"(["metal nut with a smear", "gray line on the metal nut"])";
  for (const auto& content :
       {object, "\n  " + object + "\n", array, "```json\n" + object + "\n```",
        "Here they are:\n```\n" + array + "\n```\nEnjoy!", "<think>\nPerhaps [this]? {no}\n</think>\n\n" + object,
        "thoughts without a beginning</think>" + array}) {
    const auto judged = judge(content);
    EXPECT_THAT(judged.problems, IsEmpty()) << content;
    EXPECT_THAT(judged.phrases, ElementsAre("{category} with a smear", "gray line on the {category}")) << content;
  }
}

TEST_F(Answers, OfTheWrongFormAreRejectedWithTheReason) {
  rejected(judge(""), "empty");
  rejected(judge("Sure! 1. metal nut with a smear"), "not JSON; it begins with 'Sure! 1.");
  rejected(judge("<html><body>502</body></html>"), "not JSON");
  rejected(judge(R"({"descriptions": ["metal nut with a)"), "not JSON");
  rejected(judge(R"({"descriptions": ["metal nut with a)", true), "cut off");
  rejected(judge(R"({"captions": ["a", "b"]})"), R"(of the form {"descriptions")");
  rejected(judge(R"("metal nut")"), "of the form");
  rejected(judge(R"({"descriptions": "metal nut"})"), "of the form");
  rejected(judge(R"({"descriptions": ["metal nut with a smear", 7]})"), "Item 2");
  rejected(judge(R"([["metal nut with a smear"], "x"])"), "Item 1");
  rejected(judge("[\"metal nut \xff\", \"x\"]"), "not JSON");
  rejected(judge(std::string(100000, '[')), "not JSON");
}

TEST_F(Answers, MustHaveTheNumberThatWasAskedFor) {
  rejected(judge_texts({"metal nut with a smear"}), "2 descriptions are wanted, but there are 1");
  rejected(judge_texts({"metal nut with a smear", "gray metal nut", "streaked metal nut"}), "there are 3");
  rejected(judge_texts({}), "there are 0");
}

TEST_F(Answers, AreTidied) {
  const auto judged = judge_texts({"  A  Metal   Nut with a smear. ", "the metal nut\xE2\x80\x99s gray side,"});
  EXPECT_THAT(judged.phrases, ElementsAre("{category} with a smear", "{category}'s gray side"));
}

TEST_F(Answers, MayNotRepeatThemselvesWhateverTheCase) {
  text_rejected("metal nut with a smear", "the same as description 1");
  text_rejected("Metal  NUT with a Smear.", "the same as description 1");
  text_rejected("A metal nut with a smear", "the same as description 1");
}

TEST_F(Answers, MustBePlainText) {
  text_rejected("metal nut with {type}", "brace");
  text_rejected("metal nut }", "brace");
  text_rejected("metal_nut with dirt", "'_'");
  text_rejected("**metal nut** with dirt", "'*'");
  text_rejected("<b>metal nut</b>", "'<'");
  text_rejected("metal nut\nwith dirt", "line break");
  text_rejected(std::string("metal nut\0dirt", 14), "control character");
  text_rejected("metal nut \x1b[31mred", "control character");
  text_rejected("metal nut\xE2\x80\xAE reversed", "U+202E");
  text_rejected("metal nut \xF0\x9F\x94\xA9", "U+1F529");
  text_rejected("", "no words");
  text_rejected(" ... 12 ", "no words");
  EXPECT_THAT(judge_texts({"metal nut (top side), 2 mm gray",
                           "metal nut with d\xC3\xA9"
                           "bris & oil"})
                  .problems,
              IsEmpty());
}

TEST_F(Answers, MustNameTheCategoryWhereTheInstructionSaysSo) {
  text_rejected("gray line on the nut", "'metal nut'");
  text_rejected("gray line on the metal nuts", "'metal nut'");
  rules_.names_category = false;
  EXPECT_THAT(judge_texts({"gray line on the nut", "gray metal nuts"}).phrases,
              ElementsAre("gray line on the nut", "gray metal nuts"));
}

TEST_F(Answers, MayNotSayThatNothingIsWrong) { text_rejected("Flawless metal nut", "nothing is wrong"); }

TEST_F(Answers, MustFitInCharactersAndInTokensInsideTheTemplate) {
  rules_.longest = 30;
  text_rejected("metal nut with a very long gray smear", "37 characters; at most 30");
  rules_.longest = 1000;
  const std::string text = "metal nut with a gray line";
  const int num_tokens = static_cast<int>(rules_.tokenizer.encode(text).size()) + 2;
  rules_.context = num_tokens;
  EXPECT_THAT(judge_texts({"gray metal nut", text}).problems, IsEmpty());
  rules_.context = num_tokens - 1;
  rejected(judge_texts({"gray metal nut", text}), std::to_string(num_tokens) + " tokens inside its template");
  rules_.context = num_tokens;
  rules_.frame.templates.emplace_back("photo {}");
  rejected(judge_texts({"gray metal nut", text}), "at most " + std::to_string(num_tokens) + " are allowed");
}

TEST_F(Answers, EveryProblemIsNamed) {
  const auto judged = judge_texts({"metal nut {x}", "nut", "metal nut", "metal nut"});
  EXPECT_THAT(judged.problems,
              ElementsAre(HasSubstr("2 descriptions"), HasSubstr("Description 1"), HasSubstr("Description 2"),
                          HasSubstr("Description 3"), HasSubstr("Description 4")));
}

TEST(Phrases, TheCategorysNameBecomesItsPlaceholderAndComesBack) {
  EXPECT_EQ(with_category_placeholder("Tile and tiles: reptile, TILE", "tile"),
            "{category} and tiles: reptile, {category}");
  EXPECT_EQ(with_category_placeholder("tile", "tile"), "{category}");
  EXPECT_EQ(with_category_placeholder("tile", ""), "tile");
  for (const std::string text : {"grid on a grid", "grids", "no", ""}) {
    EXPECT_EQ(fill_category(with_category_placeholder(text, "grid"), "grid"), text);
  }
}

TEST(Phrases, ExcerptsHoldNothingThatATerminalObeys) {
  EXPECT_EQ(quoted_excerpt("a\nb\x1b[31m\x07"), "'a b\\u001b[31m\\u0007'");
  EXPECT_EQ(quoted_excerpt(std::string(200, 'x'), 5), "'xxxxx...'");
}

TEST(Phrases, TheSchemaAsksForExactlyN) {
  const auto schema = nlohmann::json::parse(answer_schema(7));
  const auto& list = schema.at("properties").at("descriptions");
  EXPECT_EQ(list.at("minItems"), 7);
  EXPECT_EQ(list.at("maxItems"), 7);
  EXPECT_EQ(schema.at("required").at(0), "descriptions");
}

}  // namespace
}  // namespace normadd::normality
