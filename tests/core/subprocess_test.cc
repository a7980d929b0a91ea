// SPDX-License-Identifier: Apache-2.0
#include "core/subprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

using namespace std::chrono_literals;

SubprocessResult shell(const std::string& script, const std::string& input = "") {
  return run_subprocess({{"sh", "-c", script}, input, 60s, {}});
}

TEST(Subprocess, CatchesBothStreamsAndTheExitCode) {
  const auto result = shell("echo out; echo err >&2; exit 7");
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_EQ(result.status, 7);
  EXPECT_TRUE(result.found);
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result.timed_out);
}

TEST(Subprocess, NoShellSeesTheArguments) {
  const std::string hostile = "a b; $(id) 'x' \"y\" \\ *\n";
  EXPECT_EQ(run_subprocess({{"printf", "%s", hostile}, "", 60s, {}}).output, hostile);
}

TEST(Subprocess, ASignalIsReportedAsShellsDo) { EXPECT_EQ(shell("kill -TERM $$").status, 128 + SIGTERM); }

TEST(Subprocess, AMissingProgramIsNotFound) {
  const auto result = run_subprocess({{"no-such-program-anywhere"}, "", 60s, {}});
  EXPECT_FALSE(result.found);
  EXPECT_FALSE(result.ok());
}

TEST(Subprocess, LargeInputAndOutputPassWithoutADeadlock) {
  const std::string input(3 << 20, 'x');
  EXPECT_EQ(shell("cat", input).output, input);
  // The reader goes away in the middle: no SIGPIPE for us.
  EXPECT_EQ(shell("head -c 3", input).output, "xxx");
}

TEST(Subprocess, AtTheLimitTheWholeGroupIsKilled) {
  const test::TemporaryDirectory directory;
  const std::string file = (directory / "pid").string();
  const auto result = run_subprocess({{"sh", "-c", "sleep 600 & echo $! > '" + file + "'; wait"}, "", 700ms, {}});
  EXPECT_TRUE(result.timed_out);
  EXPECT_FALSE(result.ok());
  pid_t grandchild = 0;
  std::ifstream(file) >> grandchild;
  ASSERT_GT(grandchild, 0);
  // Gone, or a zombie that its new parent has not yet buried.
  const auto alive = [grandchild] {
    std::ifstream status("/proc/" + std::to_string(grandchild) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("State:")) return line.find('Z') == std::string::npos;
    }
    return false;
  };
  for (int tries = 0; alive() && tries < 3000; ++tries) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(alive());
}

TEST(Subprocess, VariablesCanBeLeftOut) {
  ::setenv("NORMADD_TEST_LEFT_OUT", "1", 1);
  ::setenv("NORMADD_TEST_KEPT", "2", 1);
  SubprocessRequest request{{"env"}, "", 60s, [](const auto& name) { return name == "NORMADD_TEST_LEFT_OUT"; }};
  const auto output = run_subprocess(request).output;
  EXPECT_THAT(output, ::testing::HasSubstr("NORMADD_TEST_KEPT=2"));
  EXPECT_THAT(output, ::testing::Not(::testing::HasSubstr("NORMADD_TEST_LEFT_OUT")));
}

TEST(Subprocess, WordsAreOneLineOfWhatItSaid) {
  SubprocessResult result;
  result.output = "ignored";
  result.errors = "sbatch: error: one\n  two\n\n";
  EXPECT_EQ(result.words(), "sbatch: error: one two");
  result.errors = "\n";
  EXPECT_EQ(result.words(), "ignored");
}

}  // namespace
}  // namespace normadd::core
