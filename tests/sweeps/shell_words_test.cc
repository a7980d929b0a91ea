// SPDX-License-Identifier: Apache-2.0
#include "sweeps/shell_words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "core/subprocess.h"

namespace normadd::sweeps {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kHostile{
    "",       "a b",      "it's",       "\"x\"", "$HOME `id` $(id)", "a\\b",  "*?[x]",
    "; exit", "-n",       "~/x",        "#no",   "\xc3\xa4 & | < >", "{a,b}", "!!",
    "'",      "a'b\"c\\", "100% {} {1}"};

TEST(ShellWords, AShellReadsEveryTextBack) {
  for (const auto& text : kHostile) {
    const std::string script = "printf '%s' " + shell_word(text, "test");
    EXPECT_EQ(core::run_subprocess({{"sh", "-c", script}, "", 60s, {}}).output, text) << script;
  }
}

TEST(ShellWords, PlainTextsStayReadable) { EXPECT_EQ(shell_word("/data/run-1/x=2,3", "test"), "/data/run-1/x=2,3"); }

TEST(ShellWords, SbatchsQuotingEscapesItsTwoSpecialLetters) {
  EXPECT_EQ(sbatch_word("plain", "test"), "plain");
  EXPECT_EQ(sbatch_word("it's \"q\" a\\b #c", "test"), "\"it's \\\"q\\\" a\\\\b #c\"");
}

TEST(ShellWords, LineEndsAreRefusedNamingTheirPlace) {
  for (const std::string text : {"a\nb", "a\rb", "a\tb", "\x7f"}) {
    try {
      shell_word(text, "launcher.comment");
      ADD_FAILURE() << text;
    } catch (const core::ConfigError& error) {
      EXPECT_EQ(error.where(), "launcher.comment");
    }
    EXPECT_THROW(sbatch_word(text, "x"), core::ConfigError);
  }
  EXPECT_THROW(shell_word(std::string("a\0b", 3), "x"), core::ConfigError);
}

}  // namespace
}  // namespace normadd::sweeps
