// SPDX-License-Identifier: Apache-2.0
#include "sweeps/slurm_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/subprocess.h"
#include "support/temporary_directory.h"

namespace normadd::sweeps {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

SlurmOptions options_of(config::MapEntries entries) {
  auto options = config::read_options<SlurmOptions>(config::Value(std::move(entries)), "launcher");
  options.check();
  return options;
}

const ProgramPlace kProgram{"/opt/normadd/bin/normadd", "/opt/normadd", "/home/me"};
const SlurmSubmissionPlace kPlace{"/sweeps/one", "/sweeps/one/launcher/slurm/0/tasks", "/sweeps/one/logs",
                                  "normadd:one"};

std::vector<std::string> directives(const std::string& script) {
  std::vector<std::string> lines;
  std::istringstream stream(script);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("#SBATCH ")) lines.push_back(line.substr(8));
  }
  return lines;
}

TEST(SlurmOptions, DefaultsAreThoseOfHydrasSubmititLauncher) {
  const SlurmOptions options = options_of({{"name", "slurm"}});
  EXPECT_EQ(options.timeout_min, 60);
  EXPECT_EQ(options.nodes, 1);
  EXPECT_EQ(options.tasks_per_node, 1);
  EXPECT_EQ(options.signal_delay_s, 120);
  EXPECT_EQ(options.max_num_timeout, 0);
  EXPECT_EQ(options.array_parallelism, 256);
  EXPECT_FALSE(options.stderr_to_stdout);
  EXPECT_FALSE(options.cpus_per_task || options.gpus_per_node || options.mem_gb || options.partition || options.qos ||
               options.account || options.comment || options.constraint || options.exclude || options.gres ||
               options.cpus_per_gpu || options.gpus_per_task || options.mem_per_gpu || options.mem_per_cpu);
}

TEST(SlurmOptions, MistypedNamesGetTheNearest) {
  try {
    options_of({{"cpu_per_task", 2}});
    ADD_FAILURE();
  } catch (const core::ConfigError& error) {
    EXPECT_THAT(std::string(error.what()), HasSubstr("cpus_per_task"));
  }
}

TEST(SlurmOptions, ContradictionsAndOwnOptionsAreRefused) {
  EXPECT_THROW(options_of({{"timeout_min", 2}, {"signal_delay_s", 120}}), core::ConfigError);
  for (const char* key : {"array", "output", "open_mode", "--mail-type", "mail type", ""}) {
    EXPECT_THROW(options_of({{"additional_parameters", config::MapEntries{{key, "x"}}}}), core::ConfigError) << key;
  }
  EXPECT_THROW(options_of({{"additional_parameters", config::MapEntries{{"mail_type", config::List{"END"}}}}}),
               core::ConfigError);
  EXPECT_THROW(options_of({{"setup", config::List{"module load x\nexit"}}}), core::ConfigError);
}

TEST(SlurmScript, DirectivesAreSortedAndComplete) {
  const auto options =
      options_of({{"cpus_per_task", 4},
                  {"gpus_per_node", 1},
                  {"mem_gb", 16},
                  {"partition", "gpu"},
                  {"array_parallelism", 8},
                  {"comment", "for the paper"},
                  {"additional_parameters",
                   config::MapEntries{{"mail_type", "END"}, {"exclusive", true}, {"nice", 5}, {"requeue", false}}}});
  const auto lines = directives(array_script(options, kProgram, kPlace, {0, 40}));
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                "--array=0-39%8", "--chdir=/home/me", "--comment=\"for the paper normadd:one\"", "--cpus-per-task=4",
                "--error=/sweeps/one/logs/%A_%a_log.err", "--exclusive", "--gpus-per-node=1", "--job-name=normadd",
                "--mail-type=END", "--mem=16G", "--nice=5", "--nodes=1", "--ntasks-per-node=1", "--open-mode=append",
                "--output=/sweeps/one/logs/%A_%a_log.out", "--partition=gpu", "--signal=USR2@120", "--time=60"}));
}

TEST(SlurmScript, FewerTasksThanMayRunAtOnceLimitThemselves) {
  EXPECT_THAT(directives(array_script({}, kProgram, kPlace, {0, 3})), Contains("--array=0-2%3"));
  SlurmOptions one_log;
  one_log.stderr_to_stdout = true;
  EXPECT_THAT(array_script(one_log, kProgram, kPlace, {0, 3}), Not(HasSubstr("--error")));
}

TEST(SlurmScript, ChunksCoverEveryTaskOnce) {
  const auto chunks = slurm_chunks(20, 8);
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0].first, 0u);
  EXPECT_EQ(chunks[1].first, 8u);
  EXPECT_EQ(chunks[2].first, 16u);
  EXPECT_EQ(chunks[2].size, 4u);
  EXPECT_EQ(slurm_chunks(8, 8).size(), 1u);
  EXPECT_TRUE(slurm_chunks(0, 8).empty());
}

TEST(SlurmScript, TheCollectJobWaitsForAllArraysHoweverTheyEnd) {
  SlurmOptions options;
  options.partition = "long";
  options.gpus_per_node = 4;
  const auto lines = directives(collect_script(options, kProgram, kPlace, {"12", "13"}));
  EXPECT_THAT(lines, Contains("--dependency=afterany:12:13"));
  EXPECT_THAT(lines, Contains("--kill-on-invalid-dep=yes"));
  EXPECT_THAT(lines, Contains("--partition=long"));
  EXPECT_THAT(lines, Not(Contains("--gpus-per-node=4")));
}

TEST(SlurmScript, NoValueOfTheConfigurationAddsALine) {
  const std::string evil = "x\n#SBATCH --uid=0\nrm -rf /";
  for (const char* key : {"partition", "qos", "account", "comment", "constraint", "exclude", "gres", "mem_per_gpu",
                          "mem_per_cpu", "job_name"}) {
    const auto options = config::read_options<SlurmOptions>(config::Value(config::MapEntries{{key, evil}}), "launcher");
    EXPECT_THROW(array_script(options, kProgram, kPlace, {0, 1}), core::ConfigError) << key;
  }
  SlurmOptions options;
  options.srun_args = {evil};
  EXPECT_THROW(array_script(options, kProgram, kPlace, {0, 1}), core::ConfigError);
  options.srun_args = {};
  options.additional_parameters = {{"nice", evil}};
  EXPECT_THROW(array_script(options, kProgram, kPlace, {0, 1}), core::ConfigError);
  options.additional_parameters = {};
  SlurmSubmissionPlace place = kPlace;
  place.sweep = "/sweeps/a\nb";
  EXPECT_THROW(array_script(options, kProgram, place, {0, 1}), core::ConfigError);
  place = kPlace;
  place.logs = "/back\\slash";
  EXPECT_THROW(array_script(options, kProgram, place, {0, 1}), core::ConfigError);
}

TEST(SlurmScript, PercentSignsOfTheFolderAreNotPatterns) {
  SlurmSubmissionPlace place = kPlace;
  place.logs = "/100%A";
  EXPECT_THAT(directives(array_script({}, kProgram, place, {0, 1})), Contains("--output=/100%%A/%A_%a_log.out"));
}

/// Runs a script as Slurm would, with stand-ins for srun and scontrol that say what they were told.
class RunningScript : public ::testing::Test {
 protected:
  RunningScript() {
    write("bin/srun",
          "#!/bin/sh\nshift\nfor word in \"$@\"; do echo \"[$word]\"; done\n"
          "echo \"home=$NORMADD_HOME threads=$OMP_NUM_THREADS\"\nexit ${CODE:-0}\n");
    write("bin/scontrol", "#!/bin/sh\necho \"scontrol $*\" >> \"$CALLS\"\n");
    write("bin/sleep", "#!/bin/sh\n");
    write("tasks", "0-3\n7,5\n9\n");
    place_.tasks = directory_ / "tasks";
  }
  void write(const std::string& name, const std::string& text) {
    core::write_file_atomically(directory_ / name, text);
    std::filesystem::permissions(directory_ / name, std::filesystem::perms::owner_all);
  }
  core::SubprocessResult run(const SlurmOptions& options, const SlurmChunk& chunk, int task, int code = 0) {
    write("script", array_script(options, program_, place_, chunk));
    return core::run_subprocess(
        {{"env", "PATH=" + (directory_ / "bin").string() + ":/usr/bin:/bin", "SLURM_ARRAY_JOB_ID=345",
          "SLURM_ARRAY_TASK_ID=" + std::to_string(task), "SLURM_CPUS_ON_NODE=6", "CODE=" + std::to_string(code),
          "CALLS=" + (directory_ / "calls").string(), "bash", (directory_ / "script").string()},
         "",
         60s,
         {}});
  }
  std::string calls() const {
    const auto file = directory_ / "calls";
    return std::filesystem::exists(file) ? core::read_file(file) : "";
  }

  test::TemporaryDirectory directory_;
  ProgramPlace program_{"/a b/it's/$normadd", "/home \"of\" it", "/"};
  SlurmSubmissionPlace place_{"/sweeps/a `b` $c 'd'", "", "/logs", "mark"};
};

TEST_F(RunningScript, HostileNamesArriveAsTheyAre) {
  const auto result = run({}, {0, 3}, 1);
  EXPECT_EQ(result.output,
            "[/a b/it's/$normadd]\n[task]\n[/sweeps/a `b` $c 'd']\n[--jobs]\n[7,5]\n[--max-timeouts]\n[0]\n"
            "home=/home \"of\" it threads=6\n");
  EXPECT_EQ(result.status, 0) << result.errors;
}

TEST_F(RunningScript, ALaterChunkReadsItsOwnLines) {
  EXPECT_THAT(run({}, {2, 1}, 0).output, HasSubstr("[9]\n"));
  const auto beyond = run({}, {2, 1}, 1);
  EXPECT_EQ(beyond.status, 2);
  EXPECT_THAT(beyond.errors, HasSubstr("no jobs for this task"));
}

TEST_F(RunningScript, OnlyTheRequeueCodeRequeues) {
  EXPECT_EQ(run({}, {0, 3}, 0, 1).status, 1);
  EXPECT_EQ(calls(), "");
  EXPECT_EQ(run({}, {0, 3}, 2, kRequeueExitCode).status, kRequeueExitCode);
  EXPECT_EQ(calls(), "scontrol requeue 345_2\n");
  SlurmOptions never;
  never.requeue = false;
  EXPECT_EQ(run(never, {0, 3}, 2, kRequeueExitCode).status, kRequeueExitCode);
  EXPECT_EQ(calls(), "scontrol requeue 345_2\n");
}

TEST_F(RunningScript, SetupLinesRunFirstAndCoresAreThoseAskedFor) {
  SlurmOptions options;
  options.setup = {"export EXTRA=\"$UNSET_VARIABLE\"", "echo set up"};
  options.cpus_per_task = 3;
  options.srun_args = {"--label", "a b"};
  const auto result = run(options, {0, 3}, 0);
  EXPECT_THAT(result.output, ::testing::StartsWith("set up\n[--cpus-per-task=3]\n[--label]\n[a b]\n"));
  EXPECT_THAT(result.output, HasSubstr("threads=3\n"));
}

TEST(SlurmEnvironment, WhatWouldOverrideTheScriptIsHidden) {
  SlurmOptions options;
  options.partition = "gpu";
  for (const char* name :
       {"SBATCH_PARTITION", "SBATCH_TIMELIMIT", "SBATCH_JOB_NAME", "SBATCH_SIGNAL", "SBATCH_ARRAY_INX", "SLURM_JOB_ID",
        "SLURM_MEM_PER_NODE", "SRUN_CPUS_PER_TASK", "SBATCH_REQUEUE"}) {
    EXPECT_TRUE(hidden_from_sbatch(name, options)) << name;
  }
  for (const char* name : {"SLURM_CONF", "SLURM_CLUSTERS", "SBATCH_ACCOUNT", "SBATCH_QOS", "PATH", "HOME"})
    EXPECT_FALSE(hidden_from_sbatch(name, options)) << name;
}

}  // namespace
}  // namespace normadd::sweeps
