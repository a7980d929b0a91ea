// SPDX-License-Identifier: Apache-2.0
// What people complain about in other tools' sweeps, each as a test of its name.
#include <gtest/gtest.h>

#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "sweeps/small_sweep.h"

namespace normadd::sweeps {
namespace {

/// The shipped configurations, as the user's own to edit.
fs::path own_configs(const test::TemporaryDirectory& directory) {
  fs::copy(fs::path(NORMADD_SOURCE_DIR) / "configs", directory / "configs", fs::copy_options::recursive);
  return directory / "configs";
}

TEST(SweepPains, AMistypedKeyIsAcceptedAndIgnored) {
  const test::TemporaryDirectory directory;
  for (const char* typo : {"+detector.coreset_ration=0.1", "+sweep.on_eror=stop", "+launcher.wrokers=2"}) {
    test::expect_error<core::ConfigError>(
        [&] {
          made_sweep(small_jobs(directory, {"seed=0,1", typo}));
        },
        {"Did you mean"});
  }
}

TEST(SweepPains, TwoSweepsInOneSecondShareADirectory) {
  const test::TemporaryDirectory directory;
  fs::path paths[8];
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        // Pairs of equal sweeps, all at once.
        paths[i] = made_sweep(small_jobs(directory, {"seed=0," + std::to_string(1 + i / 2)})).folder.path();
      });
    }
  }
  const auto sweeps = sweeps_in(directory);
  EXPECT_EQ(sweeps.size(), 4u);
  for (int i = 0; i < 8; i += 2) EXPECT_EQ(paths[i], paths[i + 1]);
  for (const auto& sweep : sweeps) EXPECT_EQ(SweepFolder::open(sweep).jobs().size(), 2u);
  EXPECT_TRUE(temporary_files(directory / "sweeps").empty());
}

TEST(SweepPains, EditingYamlChangesQueuedJobs) {
  const test::TemporaryDirectory directory;
  const fs::path configs = own_configs(directory);
  const auto made = made_sweep(small_jobs(directory, {"seed=0,1"}), false, configs);
  const auto before = made.folder.frozen_job(1);
  core::write_file_atomically(configs / "fusion/product.yaml", "rule: product\nlambda: 0.25\n");
  core::write_file_atomically(configs / "config.yaml", "nonsense: [");
  const auto after = SweepFolder::open(made.folder.path()).frozen_job(1);
  EXPECT_EQ(after.fusion.lambda, 1.0);
  EXPECT_TRUE(after.resolved == before.resolved);
  const auto task = run_program({"task", made.folder.path().string(), "--jobs", "1"});
  EXPECT_EQ(task.status, 0) << task.errors;
  const auto resolved = config::read_yaml(made.folder.run_folder(1) / "config.resolved.yaml");
  EXPECT_EQ(resolved.find_path("fusion.lambda")->as_float(), 1.0);
}

TEST(SweepPains, ASweepCannotBeResumedAndNumberingRestarts) {
  const test::TemporaryDirectory directory;
  const auto overrides = small_jobs(directory, {"seed=0,1,2"});
  const auto made = made_sweep(overrides);
  ASSERT_EQ(run_program({"task", made.folder.path().string(), "--jobs", "1"}).status, 0);
  const auto written = fs::last_write_time(made.folder.run_folder(1) / "metrics.csv");
  const auto resumed = run_sweep(overrides);
  EXPECT_EQ(resumed.status, 0) << resumed.errors;
  EXPECT_NE(resumed.errors.find("1 of 3 done"), std::string::npos) << resumed.errors;
  EXPECT_NE(resumed.errors.find("Launching 2 jobs"), std::string::npos) << resumed.errors;
  EXPECT_EQ(sweeps_in(directory).size(), 1u);
  EXPECT_EQ(fs::last_write_time(made.folder.run_folder(1) / "metrics.csv"), written);
  for (std::size_t job = 0; job < 3; ++job) EXPECT_TRUE(fs::exists(made.folder.run_folder(job)));
}

TEST(SweepPains, OnlyTheFirstFailureIsShownAndOnlyAtTheEnd) {
  const test::TemporaryDirectory directory;
  const auto run = run_sweep(small_jobs(directory, {"prompts.sets=[gone],[name_only],[away]"}));
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.errors.find("2 jobs failed"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("'gone'"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("'away'"), std::string::npos) << run.errors;
  EXPECT_EQ(counts_text(count_jobs(SweepFolder::open(sweeps_in(directory).front()))), "1 of 3 done, 2 failed");
}

TEST(SweepPains, TheSubmitterMustStayAlive) {
  const test::TemporaryDirectory directory;
  auto overrides = small_jobs(directory, {"seed=0,1", "launcher=commands"});
  const auto submitted = run_sweep(overrides);
  EXPECT_EQ(submitted.status, 0) << submitted.errors;
  EXPECT_NE(submitted.output.find("normadd status"), std::string::npos) << submitted.output;
  const auto sweep = SweepFolder::open(sweeps_in(directory).front());
  EXPECT_EQ(num_done(sweep), 0u);
  core::SubprocessRequest shell;
  shell.command = {"sh", (sweep.path() / "launcher/commands.txt").string()};
  shell.limit = std::chrono::minutes(5);
  const auto ran = core::run_subprocess(shell);
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(num_done(sweep), 2u);
}

TEST(SweepPains, ManyShortJobsEachPayForTheirStart) {
  const test::TemporaryDirectory directory;
  const auto run = run_sweep(small_jobs(directory, {"fusion.lambda=0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8"}));
  EXPECT_EQ(run.status, 0) << run.errors;
  const auto sweep = SweepFolder::open(sweeps_in(directory).front());
  // One process had them all in one pass.
  const std::string log = core::read_file(sweep.path() / "logs/worker-0.log");
  EXPECT_NE(log.find("8 of 8 jobs together"), std::string::npos) << log;
}

TEST(SweepPains, ValuesWithEqualsSignsAndQuotesBreakTheSweep) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"prompts.sets=[a=b],['x,y']", "seed=0,1"}));
  ASSERT_EQ(made.folder.jobs().size(), 4u);
  EXPECT_EQ(made.folder.frozen_job(0).prompts.sets, std::vector<std::string>{"a=b"});
  EXPECT_EQ(made.folder.frozen_job(3).prompts.sets, std::vector<std::string>{"x,y"});
}

}  // namespace
}  // namespace normadd::sweeps
