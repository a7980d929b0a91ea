// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_set.h"

#include <gtest/gtest.h>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::normality {
namespace {

const std::string kSet = R"(name: mine
author: a test
class_name: spaces
templates: ["{}", "a photo of the {}."]
negative: ["{category}", "flawless {category}"]
positive:
  default: ["{category} with {type}"]
  types:
    hole: ["hole in the {category}", "{category} with a hole"]
  pairs:
    metal_nut:
      hole: ["drilled {category}"]
)";

class PromptSetFile : public ::testing::Test {
 protected:
  PromptSet read(const std::string& text) {
    core::write_file_atomically(file(), text);
    return read_prompt_set(file());
  }
  /// The set with one passage replaced must be refused, naming mine.yaml:line and what is wrong.
  template <typename ErrorType = core::DataError>
  void refused(const std::string& passage, const std::string& replacement, int line,
               std::vector<std::string> mentions) {
    std::string text = kSet;
    const std::size_t at = text.find(passage);
    ASSERT_NE(at, std::string::npos) << passage;
    text.replace(at, passage.size(), replacement);
    mentions.push_back("mine.yaml:" + std::to_string(line));
    test::expect_error<ErrorType>([&] { read(text); }, mentions);
  }
  std::filesystem::path file() const { return directory_ / "mine.yaml"; }
  test::TemporaryDirectory directory_;
};

TEST_F(PromptSetFile, TextsAreTemplatesTimesPhrases) {
  const PromptSet set = read(kSet);
  const TextPair texts = texts_for(set, "carpet", "thread");
  EXPECT_EQ(texts.key, "mine/carpet/thread");
  EXPECT_EQ(texts.positive, (std::vector<std::string>{"carpet with thread", "a photo of the carpet with thread."}));
  EXPECT_EQ(texts.negative, (std::vector<std::string>{"carpet", "flawless carpet", "a photo of the carpet.",
                                                      "a photo of the flawless carpet."}));
}

TEST_F(PromptSetFile, PairsWinOverTypesAndTypesOverDefault) {
  const PromptSet set = read(kSet);
  EXPECT_EQ(texts_for(set, "metal_nut", "hole").positive.front(), "drilled metal nut");
  EXPECT_EQ(texts_for(set, "carpet", "hole").positive.front(), "hole in the carpet");
  EXPECT_EQ(texts_for(set, "carpet", "hole").positive.size(), 4u);
  EXPECT_EQ(texts_for(set, "metal_nut", "gray_stroke").positive.front(), "metal nut with gray stroke");
}

TEST_F(PromptSetFile, ClassNamesStayAsTheyAreUnlessSpacesAreAskedFor) {
  std::string text = kSet;
  text.replace(text.find("class_name: spaces"), 18, "class_name: as_is");
  EXPECT_EQ(texts_for(read(text), "metal_nut", "gray_stroke").positive.front(), "metal_nut with gray_stroke");
}

TEST_F(PromptSetFile, AnotherNounChangesTheWordsButNotThePhrasesChosen) {
  const PromptSet set = read(kSet);
  const TextPair texts = texts_for(set, "metal_nut", "hole", "zipper");
  EXPECT_EQ(texts.positive.front(), "drilled zipper");
  EXPECT_EQ(texts.negative.front(), "zipper");
  EXPECT_NE(texts.key, texts_for(set, "metal_nut", "hole").key);
}

TEST_F(PromptSetFile, EqualTextsAreKeptOnce) {
  std::string text = kSet;
  text.replace(text.find("[\"drilled {category}\"]"), 22, "[\"x {category}\", \"x {category}\"]");
  EXPECT_EQ(texts_for(read(text), "metal_nut", "hole").positive.size(), 2u);
}

TEST_F(PromptSetFile, APairWithoutPhrasesNamesFileAndPair) {
  std::string text = kSet;
  text.replace(text.find("[\"{category} with {type}\"]"), 26, "[]");
  const PromptSet set = read(text);
  EXPECT_FALSE(texts_for(set, "carpet", "hole").positive.empty());
  test::expect_error<core::DataError>([&] { texts_for(set, "carpet", "thread"); }, {"mine.yaml", "thread", "carpet"});
}

TEST_F(PromptSetFile, MistakesAreNamedWithTheirLine) {
  refused("author:", "autor:", 2, {"autor", "author"});
  refused("  types:", "  typs:", 9, {"typs", "types"});
  refused("class_name: spaces", "class_name: dashes", 3, {"class_name", "as_is"});
  refused("\"a photo of the {}.\"", "\"a photo.\"", 4, {"a photo.", "{}"});
  refused("\"a photo of the {}.\"", "\"a {} beside a {}.\"", 4, {"more than one"});
  refused("flawless {category}", "flawless {categry}", 5, {"categry", "{category}"});
  refused("flawless {category}", "flawless {type}", 5, {"{type}", "{category}"});
  refused("hole in the {category}", "hole in the {category", 9, {"placeholder"});
  refused("[\"drilled {category}\"]", "drilled", 12, {"list of phrases"});
  refused("[\"drilled {category}\"]", "[7]", 12, {"phrase"});
  refused("[\"drilled {category}\"]", "[\"\"]", 12, {"phrase"});
}

TEST_F(PromptSetFile, MissingPartsAreNamed) {
  for (const std::string key : {"templates", "negative", "positive"}) {
    std::string text = kSet;
    text.replace(text.find(key + ":"), key.size(), "description");
    test::expect_error<core::DataError>([&] { read(text); }, {"mine.yaml:"});
  }
  refused("[\"{category}\", \"flawless {category}\"]", "[]", 1, {"empty"});
  test::expect_error<core::DataError>([&] { read("- a list\n"); }, {"mine.yaml:1", "prompt set"});
}

TEST_F(PromptSetFile, MalformedYamlIsNamedWithItsLine) {
  refused<core::ConfigError>("templates: [\"{}\",", "templates: [\"{}\" ]]", 4, {});
}

const std::string kProvenance = R"(provenance:
  instruction: describe
  instruction_version: 1
  instruction_sha256: 'abc'
  model_asked: m
  model: [m-2025]
  host: 'localhost:8080'
  date: '2025-01-31T12:00:00Z'
  num_phrases: 10
  temperature: null
  seed: 3
  answers: mine.answers.jsonl
  missing: [carpet/hole]
)";

TEST_F(PromptSetFile, GeneratedSetsSayWhereTheyComeFrom) {
  EXPECT_FALSE(read(kSet).provenance);
  const auto provenance = read(kSet + kProvenance).provenance;
  ASSERT_TRUE(provenance);
  EXPECT_EQ(provenance->model, std::vector<std::string>{"m-2025"});
  EXPECT_EQ(provenance->temperature, std::nullopt);
  EXPECT_EQ(provenance->seed, 3);
  EXPECT_EQ(provenance->missing, std::vector<std::string>{"carpet/hole"});
}

TEST_F(PromptSetFile, ProvenanceIsReadAsStrictlyAsTheRest) {
  const auto with = [](std::string passage, const std::string& replacement) {
    std::string text = kSet + kProvenance;
    return text.replace(text.find(passage), passage.size(), replacement);
  };
  test::expect_error<core::ConfigError>([&] { read(with("model_asked:", "modl_asked:")); },
                                        {"mine.yaml:17", "provenance.modl_asked", "model_asked"});
  test::expect_error<core::ConfigError>([&] { read(with("seed: 3", "seed: three")); }, {"mine.yaml:23", "seed"});
  test::expect_error<core::ConfigError>([&] { read(with("model: [m-2025]", "model: []")); },
                                        {"mine.yaml", "provenance.model"});
  test::expect_error<core::ConfigError>([&] { read(with("  date: '2025-01-31T12:00:00Z'\n", "")); },
                                        {"provenance.date"});
  test::expect_error<core::ConfigError>([&] { read(kSet + "provenance: me\n"); }, {"mine.yaml:13", "provenance"});
}

TEST_F(PromptSetFile, IsWrittenSoThatItReadsBackTheSame) {
  for (const std::string& text :
       {kSet, kSet + kProvenance,
        "templates: ['{}']\nnegative: ['no: #x']\npositive: {default: [\"yes\"], pairs: {'null': {'1e3': ['- y']}}}\n" +
            kProvenance}) {
    const PromptSet set = read(text);
    const config::Value value = to_value(set);
    const PromptSet again = read(config::to_yaml(value));
    EXPECT_EQ(to_value(again), value);
    EXPECT_EQ(again.author, set.author);
    EXPECT_EQ(again.provenance, set.provenance);
    EXPECT_EQ(again.pair_positive, set.pair_positive);
    EXPECT_EQ(again.type_positive, set.type_positive);
    EXPECT_EQ(again.default_positive, set.default_positive);
    EXPECT_EQ(again.templates, set.templates);
    EXPECT_EQ(again.negative, set.negative);
    EXPECT_EQ(again.spaces_in_names, set.spaces_in_names);
  }
}

TEST_F(PromptSetFile, AMissingFileNamesTheSetsBesideIt) {
  read(kSet);
  test::expect_error<core::DataError>([&] { read_prompt_set(directory_ / "mnie.yaml"); }, {"mnie", "mine"});
}

}  // namespace
}  // namespace normadd::normality
