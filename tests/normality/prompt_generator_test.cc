// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "support/chat_server.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::normality {
namespace {

using test::Answer;
using test::ChatQuestion;
using test::ChatServer;
using test::completion;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::filesystem::path kHome = NORMADD_SOURCE_DIR;
const std::vector<PromptPair> kPairs{{"carpet", "hole"}, {"carpet", "thread"}, {"metal_nut", "gray_stroke"}};

class Generation : public ::testing::Test {
 protected:
  PromptGenerator generator(int num_phrases = 3) const {
    GeneratorOptions options;
    options.chat.base_url = server_.base_url();
    options.chat.model = "asked-model";
    options.chat.backoff_s = 0.001;
    options.chat.retries = 1;
    options.num_phrases = num_phrases;
    return {options,
            read_prompt_instruction(kHome / "data/prompts/instructions/describe.yaml"),
            {.frame = read_prompt_set(kHome / "data/prompts/described.yaml"),
             .tokenizer = networks::Tokenizer::from_folder(kHome / "data/weights/micro_clip")},
            directory_ / "cache"};
  }
  static ChatEndpoint endpoint(const PromptGenerator& generator) { return {generator.options().chat, "", "MY_KEY"}; }
  static std::vector<GeneratedPair> generate(const PromptGenerator& generator, bool refresh = false) {
    auto chat = endpoint(generator);
    testing::internal::CaptureStderr();
    auto results = generator.generate(chat, kPairs, refresh, [](const GeneratedPair&) {});
    testing::internal::GetCapturedStderr();
    return results;
  }
  static std::string descriptions(const ChatQuestion& question, std::vector<std::string> extra = {}) {
    auto texts = test::good_descriptions(question.category, question.type, question.n);
    texts.insert(texts.end(), extra.begin(), extra.end());
    return test::descriptions_json(texts);
  }

  test::TemporaryDirectory directory_;
  ChatServer server_;
};

TEST_F(Generation, AsksInTheWordsOfTheInstruction) {
  generate(generator(7));
  ASSERT_THAT(server_.questions(), SizeIs(3));
  const auto question = server_.questions().back();
  EXPECT_EQ(question.category, "metal nut");
  EXPECT_EQ(question.type, "gray stroke");
  EXPECT_EQ(question.n, 7);
  EXPECT_EQ(question.last_message().find("{category}"), std::string::npos);
}

TEST_F(Generation, KeepsAnswersAndAsksNothingTwice) {
  const auto first = generate(generator()), second = generate(generator());
  EXPECT_EQ(server_.num_calls(), 3u);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_FALSE(first[i].from_cache);
    EXPECT_TRUE(second[i].from_cache);
    EXPECT_EQ(first[i].phrases, second[i].phrases);
    EXPECT_EQ(first[i].answer, second[i].answer);
  }
  EXPECT_EQ(first[2].phrases.front(), "{category} with thin gray stroke");
  generate(generator(4));
  EXPECT_EQ(server_.num_calls(), 6u) << "another number is another question";
  generate(generator(), true);
  EXPECT_EQ(server_.num_calls(), 9u);
}

TEST_F(Generation, AKeptAnswerThatTodaysRulesRejectIsAskedForAgain) {
  generate(generator());
  const auto before = generator();
  GeneratorOptions options = before.options();
  options.longest_phrase = 25;  // "metal nut with thin gray stroke" has 31
  const PromptGenerator strict(
      options, before.instruction(),
      {.frame = before.frame(), .tokenizer = networks::Tokenizer::from_folder(kHome / "data/weights/micro_clip")},
      directory_ / "cache");
  EXPECT_TRUE(strict.cached(kPairs[0]));
  EXPECT_FALSE(strict.cached(kPairs[2]));
  EXPECT_TRUE(before.cached(kPairs[2]));
}

TEST_F(Generation, TellsTheModelWhatWasWrong) {
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    if (question.turn == 0) return completion(descriptions(question, {"carpet {x}"}));
    if (question.turn == 1) return completion("I am sorry.");
    return std::nullopt;
  });
  const auto results = generate(generator());
  EXPECT_EQ(server_.num_calls(), 9u);
  const auto questions = server_.questions();
  EXPECT_THAT(questions[0].body.at("messages"), SizeIs(2));
  ASSERT_THAT(questions[1].body.at("messages"), SizeIs(4));
  EXPECT_EQ(questions[1].body.at("messages")[2].at("role"), "assistant");
  EXPECT_THAT(questions[1].last_message(), HasSubstr("3 descriptions are wanted, but there are 4"));
  EXPECT_THAT(questions[1].last_message(), HasSubstr("Description 4 ('carpet {x}') holds a brace"));
  EXPECT_THAT(questions[1].last_message(), HasSubstr("all 3 captions about hole on a carpet"));
  EXPECT_THAT(questions[2].body.at("messages"), SizeIs(4));
  EXPECT_THAT(questions[2].last_message(), HasSubstr("not JSON; it begins with 'I am sorry.'"));
  ASSERT_TRUE(results[0].answer);
  EXPECT_THAT(results[0].answer->rejected, SizeIs(2));
  EXPECT_EQ(results[0].answer->rejected[1].content, "I am sorry.");
}

TEST_F(Generation, APairThatFailsLetsTheOthersGoOn) {
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    if (question.type == "thread") return completion(test::descriptions_json({"carpet", "carpet", "Carpet"}));
    return std::nullopt;
  });
  const auto generating = generator();
  const auto results = generate(generating);
  EXPECT_THAT(results[0].phrases, SizeIs(3));
  EXPECT_THAT(results[1].phrases, IsEmpty());
  EXPECT_THAT(results[1].failure, HasSubstr("no usable answer after 3 attempts; the last: Description 1"));
  EXPECT_THAT(results[2].phrases, SizeIs(3));
  const PromptSet set = generating.assemble(directory_ / "mine.yaml", "host:1", results);
  EXPECT_THAT(set.provenance->missing, ElementsAre("carpet/thread"));
  EXPECT_EQ(set.pair_positive.at("carpet").size(), 1u);
  test::expect_error<core::DataError>([&] { texts_for(set, "carpet", "thread"); },
                                      {"mine.yaml", "carpet", "thread", "Generate"});
  EXPECT_EQ(texts_for(set, "carpet", "hole").positive.size(), 3 * set.templates.size());

  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    return question.type == "thread" ? std::nullopt : std::optional(test::error_answer(500, "must not be asked"));
  });
  for (const auto& result : generate(generator())) EXPECT_THAT(result.phrases, SizeIs(3));
}

TEST_F(Generation, AServerThatIsGoneIsAskedNoMore) {
  auto dying = std::make_unique<ChatServer>();
  GeneratorOptions options = generator().options();
  options.chat.base_url = dying->base_url();
  const PromptGenerator generating(
      options, generator().instruction(),
      {.frame = generator().frame(), .tokenizer = networks::Tokenizer::from_folder(kHome / "data/weights/micro_clip")},
      directory_ / "cache");
  ChatEndpoint chat(options.chat, "", "MY_KEY");
  testing::internal::CaptureStderr();
  const auto results = generating.generate(chat, kPairs, false, [&](const GeneratedPair&) { dying.reset(); });
  testing::internal::GetCapturedStderr();
  EXPECT_THAT(results[0].phrases, SizeIs(3));
  EXPECT_THAT(results[1].failure, HasSubstr("cannot be reached"));
  EXPECT_THAT(results[2].failure, HasSubstr("not asked"));
  EXPECT_EQ(chat.num_calls(), 3u);

  options.num_phrases = 4;
  const PromptGenerator nothing_kept(
      options, generator().instruction(),
      {.frame = generator().frame(), .tokenizer = networks::Tokenizer::from_folder(kHome / "data/weights/micro_clip")},
      directory_ / "cache");
  testing::internal::CaptureStderr();
  EXPECT_THROW(nothing_kept.generate(chat, kPairs, false, [](const GeneratedPair&) {}), ChatFailure);
  testing::internal::GetCapturedStderr();
}

TEST_F(Generation, TheSetSaysWhereItComesFromAndReadsBack) {
  const auto generating = generator();
  const auto results = generate(generating);
  const PromptSet set = generating.assemble(directory_ / "mine.yaml", "host:1", results);
  const auto& provenance = *set.provenance;
  EXPECT_THAT(provenance.model, ElementsAre("answering-model"));
  EXPECT_EQ(provenance.model_asked, "asked-model");
  EXPECT_EQ(provenance.instruction, "describe");
  EXPECT_EQ(provenance.instruction_sha256, generating.instruction().sha256);
  EXPECT_EQ(provenance.num_phrases, 3);
  EXPECT_EQ(provenance.answers, "mine.answers.jsonl");
  EXPECT_THAT(provenance.date, ::testing::MatchesRegex("20..-..-..T..:..:..Z"));
  core::write_file_atomically(set.file, config::to_yaml(to_value(set)));
  const PromptSet again = read_prompt_set(set.file);
  EXPECT_EQ(again.provenance, set.provenance);
  EXPECT_EQ(again.pair_positive, set.pair_positive);
  EXPECT_EQ(again.templates, read_prompt_set(kHome / "data/prompts/described.yaml").templates);
  EXPECT_EQ(texts_for(again, "metal_nut", "gray_stroke").positive.front(), "metal nut with thin gray stroke");
  EXPECT_EQ(texts_for(again, "metal_nut", "gray_stroke", "zipper").positive.front(), "zipper with thin gray stroke");
}

TEST_F(Generation, NothingThatSomebodyMayWantIsReplaced) {
  const auto generating = generator();
  const PromptSet set = generating.assemble(directory_ / "mine.yaml", "host:1", generate(generating));
  const auto kept = [&](const PromptPair& pair) {
    const auto found = generating.cached(pair);
    return found ? std::optional(found->phrases) : std::nullopt;
  };
  EXPECT_NO_THROW(refuse_to_lose(set, generating.frame(), false, kept));
  const auto refused = [&](const PromptSet& earlier, const std::vector<std::string>& mentions) {
    test::expect_error<core::OutputError>([&] { refuse_to_lose(earlier, generating.frame(), false, kept); }, mentions);
    EXPECT_NO_THROW(refuse_to_lose(earlier, generating.frame(), true, kept));
  };
  PromptSet edited = set;
  edited.pair_positive["carpet"]["thread"].pop_back();
  refused(edited, {"mine.yaml", "carpet/thread", "--overwrite"});
  PromptSet extended = set;
  extended.pair_positive["carpet"]["stain"] = {"stained {category}"};
  refused(extended, {"carpet/stain"});
  PromptSet framed = set;
  framed.templates = {"{}"};
  refused(framed, {"templates"});
  PromptSet by_hand = set;
  by_hand.provenance.reset();
  for (const bool overwrite : {false, true}) {
    test::expect_error<core::OutputError>([&] { refuse_to_lose(by_hand, generating.frame(), overwrite, kept); },
                                          {"not generated", "another name"});
  }
}

}  // namespace
}  // namespace normadd::normality
