// SPDX-License-Identifier: Apache-2.0
// normadd prompts generate against a real local server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/atomic_file.h"
#include "normadd/commands.h"
#include "support/chat_server.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using test::Answer;
using test::ChatQuestion;
using test::ChatServer;
using test::completion;
using test::error_answer;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kKey = "sk-very-secret-0123456789";
constexpr const char* kVariable = "NORMADD_TEST_KEY";
const std::string kPairs = "carpet/hole,carpet/thread,grid/crack";

class Generate : public ::testing::Test {
 protected:
  Generate() { ::unsetenv(kVariable); }
  ~Generate() override { ::unsetenv(kVariable); }

  /// Without what says which pairs.
  Arguments command(const Arguments& more = {}, const std::string& name = "mine") const {
    Arguments arguments{"prompts",  "generate", name,      "--base-url", server_.base_url(), "--model", "asked",
                        "--folder", sets(),     "--cache", cache(),      "--key-variable",   kVariable, "--backoff-s",
                        "0.001",    "-n",       "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Outcome generate(Arguments more = {}, const std::string& name = "mine") const {
    more.insert(more.end(), {"--pairs", kPairs});
    return run_quietly(command(more, name));
  }
  std::string sets() const { return (directory_ / "sets").string(); }
  std::string cache() const { return (directory_ / "cache").string(); }
  fs::path set_file() const { return directory_ / "sets" / "mine.yaml"; }
  std::vector<fs::path> files_below(const fs::path& folder) const {
    std::vector<fs::path> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }
  nlohmann::json shown(const Arguments& what) const {
    Arguments arguments{"prompts", "show", "--json", "--folder", sets()};
    arguments.insert(arguments.end(), what.begin(), what.end());
    const auto outcome = run_quietly(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    return nlohmann::json::parse(outcome.out);
  }

  test::TemporaryDirectory directory_;
  ChatServer server_;
};

TEST_F(Generate, ASecondCallAsksNothingAndWritesTheSame) {
  const auto first = generate();
  ASSERT_EQ(first.exit_code, 0) << first.error;
  EXPECT_THAT(first.out, HasSubstr("3 of 3 pairs (0 kept, 3 asked, 3 calls)"));
  EXPECT_THAT(first.error, HasSubstr("carpet/hole: 3 phrases"));
  const std::string set = core::read_file(set_file());
  const std::string answers = core::read_file(directory_ / "sets/mine.answers.jsonl");
  EXPECT_EQ(std::count(answers.begin(), answers.end(), '\n'), 3);
  const auto second = generate();
  ASSERT_EQ(second.exit_code, 0) << second.error;
  EXPECT_THAT(second.out, HasSubstr("(3 kept, 0 asked, 0 calls)"));
  EXPECT_EQ(server_.num_calls(), 3u);
  EXPECT_EQ(core::read_file(set_file()), set);
  EXPECT_EQ(core::read_file(directory_ / "sets/mine.answers.jsonl"), answers);
  EXPECT_THAT(generate({"--refresh"}).out, HasSubstr("3 asked, 3 calls"));
  EXPECT_EQ(server_.num_calls(), 6u);
}

TEST_F(Generate, TheSetOfADatasetServesARunAtOnce) {
  const std::vector<std::string> dataset{"dataset.root=" + (directory_ / "data").string(), "dataset.train_good=3",
                                         "dataset.test_good=2", "dataset.test_per_type=1",
                                         "dataset.categories=[carpet,grid]"};
  Arguments ask = command({"--clip", std::string(NORMADD_SOURCE_DIR) + "/data/weights/micro_clip", "dataset=demo"});
  ask.insert(ask.end(), dataset.begin(), dataset.end());
  const auto outcome = run_quietly(ask);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("10 of 10 pairs"));
  Arguments run{"run",
                "-q",
                "detector.coreset_ratio=0.02",
                "backbone.resize_px=128",
                "prompts.folder=" + sets(),
                "prompts.sets=[mine]",
                "run.dir=" + (directory_ / "run").string()};
  run.insert(run.end(), dataset.begin(), dataset.end());
  const auto result = run_quietly(run);
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_THAT(result.out, HasSubstr("10 pairs"));
  EXPECT_THAT(core::read_file(directory_ / "run/metrics.csv"), HasSubstr(",mine,"));
}

TEST_F(Generate, AmongTheProgramsOwnSetsItCanBeChosenByName) {
  const fs::path own = directory_ / "home", shipped = NORMADD_SOURCE_DIR;
  fs::create_directories(own / "data");
  fs::copy(shipped / "configs", own / "configs", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  fs::copy(shipped / "data/prompts", own / "data/prompts", fs::copy_options::recursive);
  fs::create_directory_symlink(shipped / "data/weights", own / "data/weights");
  const char* before = std::getenv("NORMADD_HOME");
  const std::string home = before != nullptr ? before : "";
  ::setenv("NORMADD_HOME", own.c_str(), 1);
  const auto outcome = run_quietly({"prompts", "generate", "mine", "--base-url", server_.base_url(), "--model", "asked",
                                    "--cache", cache(), "--pairs", kPairs});
  const auto printed = run_quietly({"run", "--cfg", "job", "--resolve", "prompts=mine"});
  const auto shown = run_quietly({"prompts", "show", "mine", "grid", "crack"});
  home.empty() ? ::unsetenv("NORMADD_HOME") : ::setenv("NORMADD_HOME", home.c_str(), 1);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("normadd run prompts=mine"));
  ASSERT_EQ(printed.exit_code, 0) << printed.error;
  EXPECT_THAT(printed.out, HasSubstr("- mine"));
  EXPECT_THAT(printed.out, HasSubstr((own / "data/prompts").string()));
  EXPECT_THAT(shown.out, HasSubstr("grid with thin crack"));
}

TEST_F(Generate, ADryRunSaysWhatItWouldAskAndAsksNothing) {
  const auto outcome = generate({"--dry-run"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_EQ(server_.num_calls(), 0u);
  EXPECT_THAT(files_below(directory_.path()), ::testing::IsEmpty());
  EXPECT_THAT(outcome.out, HasSubstr("3 pairs: 0 kept, 3 to ask: 3 calls, 9 at most"));
  EXPECT_THAT(outcome.out, HasSubstr("Mark on it: hole"));
  ASSERT_EQ(run_quietly(command({"--pairs", "carpet/thread"})).exit_code, 0);
  const auto json = nlohmann::json::parse(generate({"--dry-run", "--json"}).out);
  EXPECT_EQ(json.at("num_calls"), 2);
  EXPECT_EQ(json.at("pairs")[1].at("kept"), true);
  EXPECT_EQ(json.at("pairs")[2].at("messages").size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(generate({"--dry-run", "--refresh", "--json"}).out).at("num_calls"), 3);
  EXPECT_EQ(server_.num_calls(), 1u);
}

TEST_F(Generate, PairsWithoutAUsableAnswerAreMissingAndTheRestIsWhole) {
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    if (question.type == "thread") return completion("```\n{\"descriptions\": [\"carpet\"]}\n```");
    return std::nullopt;
  });
  const auto outcome = generate({"--attempts", "2"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(server_.num_calls(), 4u);
  EXPECT_THAT(outcome.error,
              HasSubstr("warning: carpet/thread: no usable answer after 2 attempts; the last: 3 descriptions "
                        "are wanted, but there are 1."));
  EXPECT_THAT(outcome.out, HasSubstr("2 of 3 pairs"));
  EXPECT_THAT(outcome.out, HasSubstr("Missing: carpet/thread"));
  EXPECT_EQ(shown({"mine"}).at("provenance").at("missing"), nlohmann::json{"carpet/thread"});
  EXPECT_EQ(shown({"mine"}).at("pairs").size(), 2u);

  server_.set_script({});
  const auto again = generate();
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(server_.num_calls(), 5u);
  EXPECT_EQ(shown({"mine"}).at("pairs").size(), 3u);
}

TEST_F(Generate, WithoutAnyUsableAnswerNothingIsWritten) {
  server_.set_script([](const ChatQuestion&) { return std::optional(completion("no")); });
  const auto outcome = generate({"--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.error, HasSubstr("no prompt set was written"));
  EXPECT_THAT(files_below(directory_.path()), ::testing::IsEmpty());
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("num_failed"), 3);
  EXPECT_EQ(json.at("file"), nullptr);
}

TEST_F(Generate, TroublesOnTheWayAreOvercome) {
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    if (question.turn > 1) return std::nullopt;
    Answer answer = completion(std::string(300, 'x'));
    if (question.type == "hole") {
      answer = error_answer(429, "slow down");
      answer.headers.emplace_back("Retry-After", "3600");
    } else if (question.type == "thread") {
      answer.delay_s = 60;
    } else {
      answer.cut_after = 40;
    }
    return answer;
  });
  const auto outcome = generate({"--retries", "20", "--timeout-s", "0.5", "--longest-wait-s", "0.01"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_GE(server_.num_calls(), 9u) << "a busy machine may be late more often";
  EXPECT_THAT(outcome.error, HasSubstr("429: 'slow down'; again in 0.01 s"));
}

TEST_F(Generate, TroublesThatStayFailTheirPairAlone) {
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    if (question.type == "thread") return Answer{.status = 502, .body = "<html><b>Bad Gateway</b></html>"};
    return std::nullopt;
  });
  const auto outcome = generate({"--retries", "2"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(server_.num_calls(), 5u);
  EXPECT_THAT(outcome.error,
              HasSubstr("carpet/thread: the server answered 502: '<html><b>Bad Gateway</b></html>' (3 times)"));
  EXPECT_THAT(outcome.out, HasSubstr("2 of 3 pairs"));
}

TEST_F(Generate, RefusalsEndItWithASentence) {
  const auto refused = [&](const Answer& answer, const std::vector<std::string>& mentions) {
    server_.set_script([answer](const ChatQuestion&) { return std::optional(answer); });
    Arguments arguments = command({"--pairs", kPairs});
    expect_refusal(arguments, mentions);
    EXPECT_THAT(files_below(directory_.path()), ::testing::IsEmpty());
  };
  refused(error_answer(401, "who are you"), {"401", kVariable, "who are you"});
  refused(error_answer(404, "The model `asked` does not exist"), {"404", "asked", "does not exist", "--model"});
  expect_refusal(
      {"prompts", "generate", "mine", "--base-url", fmt::format("http://127.0.0.1:{}/v1", test::unused_port()),
       "--model", "m", "--retries", "0", "--pairs", "a/b", "--folder", sets(), "--cache", cache()},
      {"cannot be reached"});
  std::string secure = server_.base_url();
  secure.replace(0, 4, "https");
  expect_refusal({"prompts", "generate", "mine", "--base-url", secure, "--model", "m", "--pairs", "a/b", "--folder",
                  sets(), "--cache", cache()},
                 {"secure connection", "certificates"});
}

TEST_F(Generate, GoesOnWhereItWasKilled) {
  std::atomic<bool> hang{true};
  server_.set_script([&](const ChatQuestion& question) -> std::optional<Answer> {
    if (question.type != "crack" || !hang) return std::nullopt;
    Answer answer = completion("late");
    answer.delay_s = 300;
    return answer;
  });
  const Arguments arguments = command({"--pairs", kPairs, "-q"});
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    run_program(arguments);
    ::_exit(0);
  }
  while (server_.questions().size() < 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(fs::exists(set_file()));
  EXPECT_EQ(files_below(cache()).size(), 2u);

  hang = false;
  const auto outcome = generate();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("3 of 3 pairs (2 kept, 1 asked, 1 calls)"));
  EXPECT_EQ(server_.num_calls(), 4u);
  EXPECT_EQ(server_.questions().back().type, "crack");
  EXPECT_EQ(shown({"mine"}).at("pairs").size(), 3u);
}

TEST_F(Generate, TheKeyIsSentAndNeverShown) {
  ::setenv(kVariable, kKey.c_str(), 1);
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    const std::string said = "you sent " + question.request.header("authorization");
    if (question.turn == 0) return error_answer(500, said);
    if (question.turn == 1) return completion(said);
    if (question.turn == 2) return completion(test::descriptions_json({said, said, said}));
    if (question.type == "crack") return completion(said);
    return std::nullopt;
  });
  std::string everything;
  for (const auto& more : std::vector<Arguments>{{}, {"--dry-run"}, {"--json"}, {"--attempts", "4"}}) {
    const auto outcome = generate(more);
    everything += outcome.out + outcome.error;
  }
  EXPECT_EQ(server_.questions().front().request.header("authorization"), "Bearer " + kKey);
  for (const int status : {401, 404, 400, 403}) {
    server_.set_script([status](const ChatQuestion& question) {
      return std::optional(error_answer(status, "you sent " + question.request.header("authorization")));
    });
    const auto outcome = generate({"--refresh"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.error, HasSubstr("you sent Bearer ***"));
    everything += outcome.out + outcome.error;
  }
  everything += run_quietly({"prompts", "show", "mine", "--folder", sets()}).out;
  const auto files = files_below(directory_.path());
  EXPECT_EQ(files.size(), 4u) << "a set, its answers and two answers in the cache";
  for (const auto& file : files) everything += core::read_file(file);
  EXPECT_THAT(everything, HasSubstr("you sent Bearer ***"));
  EXPECT_THAT(everything, Not(HasSubstr(kKey)));
  EXPECT_THAT(everything, Not(HasSubstr("sk-very")));
}

TEST_F(Generate, WhatSomebodyWroteOrEditedIsNotReplaced) {
  ASSERT_EQ(generate().exit_code, 0);
  const auto refused = [&](Arguments more, const std::vector<std::string>& mentions) {
    const std::string before = core::read_file(set_file());
    const std::size_t calls = server_.num_calls();
    expect_refusal(command(more), mentions);
    EXPECT_EQ(core::read_file(set_file()), before);
    EXPECT_EQ(server_.num_calls(), calls) << "refused before anything is asked";
  };
  refused({"--pairs", "carpet/hole"}, {"mine.yaml", "carpet/thread", "--overwrite"});
  refused({"--pairs", kPairs, "--temperature", "0"}, {"mine.yaml", "--overwrite"});
  EXPECT_EQ(run_quietly(command({"--pairs", kPairs + ",grid/hole"})).exit_code, 0) << "more pairs take nothing away";
  EXPECT_EQ(run_quietly(command({"--pairs", "carpet/hole", "--overwrite"})).exit_code, 0);
  EXPECT_EQ(shown({"mine"}).at("pairs").size(), 1u);
  core::write_file_atomically(set_file(), "templates: ['{}']\nnegative: [x]\npositive: {default: [y]}\n");
  refused({"--pairs", kPairs}, {"mine.yaml", "not generated"});
  refused({"--pairs", kPairs, "--overwrite"}, {"not generated"});
}

TEST_F(Generate, WordsSharedByTwoTypesAreNoted) {
  server_.set_script([](const ChatQuestion& question) -> std::optional<Answer> {
    auto texts = test::good_descriptions(question.category, question.type, 2);
    texts.push_back(question.category + " with a flaw in it");
    return completion(test::descriptions_json(texts));
  });
  const auto outcome = generate();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.error, HasSubstr("'{category} with a flaw in it' stands for hole and for thread"));
}

TEST_F(Generate, BadInputIsRefused) {
  const Arguments pairs{"--pairs", kPairs};
  const auto with = [&](Arguments more) {
    more.insert(more.end(), pairs.begin(), pairs.end());
    return command(more);
  };
  expect_refusal({"prompts", "generate"}, {"no name"});
  expect_refusal({"prompts", "generate", "dataset=demo"}, {"no name"});
  expect_refusal({"prompts", "generate", "mine", "--pairs", "a/b"}, {"--base-url"});
  expect_refusal({"prompts", "generate", "mine", "--base-url", "http://h/v1", "--pairs", "a/b"}, {"--model"});
  expect_refusal(command({}), {"which pairs", "--pairs", "dataset=mvtec_ad"});
  expect_refusal(with({"dataset=demo"}), {"--pairs and a dataset"});
  expect_refusal(command({"fusion.lambda=1"}), {"fusion.lambda", "dataset"});
  expect_refusal(command({"datset=demo"}), {"datset"});
  expect_refusal(command({"dataset=dmo"}), {"dmo", "demo"});
  expect_refusal(command({"--pairs", "carpet"}), {"'carpet'", "CATEGORY/TYPE"});
  expect_refusal(command({"--pairs", "a/b/c"}), {"a/b/c"});
  expect_refusal(command({"--pairs", "a/b,c/d,a/b"}), {"a/b", "twice"});
  expect_refusal(command(pairs, "../mine"), {"../mine", "letters"});
  expect_refusal(with({"--instruction", "descrbe"}), {"descrbe", "describe"});
  expect_refusal(with({"--frame", "descrbed"}), {"descrbed", "described"});
  expect_refusal(with({"-n", "0"}), {"num_phrases", "at least 1"});
  expect_refusal(with({"--attempts", "many"}), {"attempts", "integer"});
  expect_refusal(with({"--temperature", "3"}), {"temperature", "at most 2"});
  expect_refusal(with({"--clip", "nowhere"}), {"nowhere"});
  expect_refusal(with({"--tempratur", "1"}), {"--tempratur", "--temperature"});
  expect_refusal({"prompts", "generte"}, {"generte", "generate"});
  EXPECT_EQ(server_.num_calls(), 0u);
}

}  // namespace
}  // namespace normadd::tools
