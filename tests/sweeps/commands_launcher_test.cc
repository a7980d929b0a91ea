// SPDX-License-Identifier: Apache-2.0
#include "sweeps/commands_launcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/subprocess.h"
#include "support/temporary_directory.h"

namespace normadd::sweeps {
namespace {

using namespace std::chrono_literals;

/// A stand-in for the program, at a place with a hostile name: appends one line per call to a file.
class CommandLines : public ::testing::Test {
 protected:
  CommandLines() {
    const auto folder = directory_ / "it's a \"$place\" {}";
    program_ = {folder / "normadd", folder, folder};
    core::write_file_atomically(program_.executable,
                                "#!/bin/sh\nprintf '%s|' \"$PWD\" \"$NORMADD_HOME\" \"$@\" > \"$PWD/call.$4\"\n");
    std::filesystem::permissions(program_.executable, std::filesystem::perms::owner_all);
    file_ = directory_ / "commands.txt";
    std::vector<std::string> lists;
    for (int task = 0; task < kTasks; ++task) lists.push_back(std::to_string(task));
    core::write_file_atomically(
        file_, fmt::format("{}\n", fmt::join(command_lines(program_, "/sweeps/a 'b' $c {}", lists), "\n")));
  }
  void expect_every_task_ran() const {
    for (int task = 0; task < kTasks; ++task) {
      EXPECT_EQ(core::read_file(program_.directory / fmt::format("call.{}", task)),
                fmt::format("{0}|{0}|task|/sweeps/a 'b' $c {{}}|--jobs|{1}|", program_.directory.string(), task));
    }
  }

  static constexpr int kTasks = 12;
  test::TemporaryDirectory directory_;
  ProgramPlace program_;
  std::filesystem::path file_;
};

TEST_F(CommandLines, RunUnderXargs) {
  const auto result =
      core::run_subprocess({{"xargs", "-d", "\\n", "-P", "4", "-n", "1", "sh", "-c"}, core::read_file(file_), 60s, {}});
  EXPECT_TRUE(result.ok()) << result.words();
  expect_every_task_ran();
}

TEST_F(CommandLines, RunUnderGnuParallel) {
  if (!core::run_subprocess({{"parallel", "--version"}, "", 60s, {}}).found) {
    GTEST_SKIP() << "GNU parallel is not installed (tests/slurm/install_packages.sh parallel)";
  }
  const auto result = core::run_subprocess({{"parallel", "--jobs", "4"}, core::read_file(file_), 120s, {}});
  EXPECT_TRUE(result.ok()) << result.words();
  expect_every_task_ran();
}

TEST_F(CommandLines, RunByNumberAsArrayJobsDo) {
  // The line that command_examples shows for PBS and SGE.
  for (int task = 1; task <= kTasks; ++task) {
    const auto result = core::run_subprocess(
        {{"sh", "-c", fmt::format("N={}; sh -c \"$(sed -n \"$N\"p {})\"", task, file_.string())}, "", 60s, {}});
    EXPECT_TRUE(result.ok()) << result.words();
  }
  expect_every_task_ran();
}

TEST_F(CommandLines, ExamplesNameTheFileAndTheNumberOfTasks) {
  const auto text = command_examples("/x/commands.txt", kTasks);
  for (const char* word : {"parallel", "xargs", "qsub -J 1-12", "qsub -t 1-12", "HTCondor", "/x/commands.txt"})
    EXPECT_THAT(text, ::testing::HasSubstr(word));
}

}  // namespace
}  // namespace normadd::sweeps
