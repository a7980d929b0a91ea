// SPDX-License-Identifier: Apache-2.0
#include "normality/prompt_instruction.h"

#include <gtest/gtest.h>

#include <map>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::normality {
namespace {

const std::filesystem::path kShipped = std::filesystem::path(NORMADD_SOURCE_DIR) / "data/prompts/instructions";

const std::string kInstruction = R"(version: 3
names_category: true
system: You write about {category}.
user: 'Say {n} things of {type} on {category} as {"descriptions": ["..."]}.'
retry: 'Wrong: {problems}'
)";

class InstructionFile : public ::testing::Test {
 protected:
  PromptInstruction read(const std::string& text) {
    core::write_file_atomically(directory_ / "mine.yaml", text);
    return read_prompt_instruction(directory_ / "mine.yaml");
  }
  void refused(const std::string& passage, const std::string& replacement, std::vector<std::string> mentions) {
    std::string text = kInstruction;
    const std::size_t at = text.find(passage);
    ASSERT_NE(at, std::string::npos) << passage;
    text.replace(at, passage.size(), replacement);
    mentions.emplace_back("mine.yaml");
    test::expect_error<core::ConfigError>([&] { read(text); }, mentions);
  }
  test::TemporaryDirectory directory_;
};

TEST_F(InstructionFile, IsReadAndFilledIn) {
  const auto instruction = read(kInstruction);
  EXPECT_EQ(instruction.name, "mine");
  EXPECT_EQ(instruction.version, 3);
  EXPECT_TRUE(instruction.names_category);
  EXPECT_EQ(instruction.sha256.size(), 64u);
  EXPECT_EQ(fill_in(instruction.user, "metal_nut", "gray_stroke", 5),
            R"(Say 5 things of gray stroke on metal nut as {"descriptions": ["..."]}.)");
}

TEST_F(InstructionFile, WhatIsFilledInIsNotFilledInAgain) {
  EXPECT_EQ(fill_in("{category} {problems} {", "{type}", "x", 2, "holds {n}"), "{type} holds {n} {");
}

TEST_F(InstructionFile, MistakesAreNamed) {
  refused("{n}", "{number}", {"{number}", "user", ":4", "{category} {type} {n}"});
  refused("You write about {category}.", "'{problems}'", {"{problems}", "system"});
  refused("{type}", "it", {"user", "{type}"});
  refused("{problems}", "everything", {"retry", "{problems}"});
  refused("retry:", "rety:", {"rety", "retry"});
  refused("version: 3", "version: three", {"version"});
  test::expect_error<core::DataError>([&] { read_prompt_instruction(kShipped / "descrbe.yaml"); },
                                      {"descrbe", "describe"});
}

// Sets and cached answers name an instruction by its version and hash: with another text comes another version.
TEST(ShippedInstructions, ChangeTheirVersionWithTheirText) {
  const std::map<int, std::string> kHashes{{1, "39a4c8ea130bac45bd3e1602770dc6245f4c8fc549636a4e8cadbe047ba5fcc4"}};
  const auto instruction = read_prompt_instruction(kShipped / "describe.yaml");
  ASSERT_TRUE(kHashes.contains(instruction.version)) << "add version and sha256 here";
  EXPECT_EQ(instruction.sha256, kHashes.at(instruction.version)) << "raise the version";
}

TEST(ShippedInstructions, AskInWordsThatEveryJsonModeAccepts) {
  const auto instruction = read_prompt_instruction(kShipped / "describe.yaml");
  // response_format json_object is refused by some servers unless a message says JSON.
  EXPECT_NE(instruction.user.find("JSON"), std::string::npos);
  EXPECT_NE(instruction.user.find("{\"descriptions\":"), std::string::npos);
  EXPECT_TRUE(instruction.names_category);
}

}  // namespace
}  // namespace normadd::normality
