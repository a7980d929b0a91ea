// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_answers.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::normality {
namespace {

AnswerKey key() {
  return {.base_url = "http://localhost:1/v1",
          .model = "m",
          .instruction = "describe",
          .instruction_sha256 = "abc",
          .category = "carpet",
          .type = "thread",
          .n = 10,
          .temperature = 0.7,
          .seed = 0,
          .max_tokens = std::nullopt};
}

RawAnswer answer() {
  return {.key = key(),
          .model = "m-2025",
          .fingerprint = "fp",
          .date = "2025-01-31T12:00:00Z",
          .rejected = {{"no \"JSON\"\n", {"not JSON", "empty"}}, {"", {}}},
          .content = "{\"descriptions\": [\"d\xC3\xA9\xF0\x9F\x94\xA9\"]}"};
}

TEST(AnswerFiles, ComeBackAsTheyWere) {
  const test::TemporaryDirectory directory;
  const AnswerCache cache(directory / "deep" / "cache");
  EXPECT_EQ(cache.find(key()), std::nullopt);
  cache.store(answer());
  EXPECT_EQ(cache.find(key()), answer());
  const std::string line = to_json_line(answer());
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line per answer";
  EXPECT_EQ(raw_answer_from_json(line, "here"), answer());
}

TEST(AnswerFiles, AreOnePerWhatTheAnswerDependsOn) {
  const test::TemporaryDirectory directory;
  const AnswerCache cache(directory.path());
  cache.store(answer());
  const std::function<void(AnswerKey&)> changes[] = {
      [](AnswerKey& k) { k.base_url = "http://localhost:2/v1"; },
      [](AnswerKey& k) { k.model = "other"; },
      [](AnswerKey& k) { k.instruction_sha256 = "abd"; },
      [](AnswerKey& k) { k.category = "grid"; },
      [](AnswerKey& k) { k.type = "hole"; },
      [](AnswerKey& k) { k.n = 5; },
      [](AnswerKey& k) { k.temperature = 0.8; },
      [](AnswerKey& k) { k.temperature = std::nullopt; },
      [](AnswerKey& k) { k.seed = 1; },
      [](AnswerKey& k) { k.seed = std::nullopt; },
      [](AnswerKey& k) { k.max_tokens = 100; },
  };
  std::set<std::filesystem::path> files{cache.file_of(key())};
  for (const auto& change : changes) {
    AnswerKey other = key();
    change(other);
    EXPECT_EQ(cache.find(other), std::nullopt);
    EXPECT_TRUE(files.insert(cache.file_of(other)).second);
  }
}

TEST(AnswerFiles, ThatAreDamagedOrForeignCountAsNone) {
  const test::TemporaryDirectory directory;
  const AnswerCache cache(directory.path());
  cache.store(answer());
  const auto file = cache.file_of(key());
  const std::string text = core::read_file(file);
  RawAnswer foreign = answer();
  foreign.key.type = "hole";
  for (const std::string& damage : {text.substr(0, text.size() / 2), std::string(), std::string("[]"),
                                    std::string("{}"), std::string("\xff\xfe"), to_json_line(foreign)}) {
    core::write_file_atomically(file, damage);
    testing::internal::CaptureStderr();
    EXPECT_EQ(cache.find(key()), std::nullopt) << damage;
    EXPECT_NE(testing::internal::GetCapturedStderr().find(file.filename().string()), std::string::npos);
  }
  test::expect_error<core::DataError>([] { raw_answer_from_json("{", "there:3"); }, {"there:3"});
}

}  // namespace
}  // namespace normadd::normality
