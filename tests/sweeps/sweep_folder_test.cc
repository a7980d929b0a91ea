// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "experiment/small_run.h"
#include "support/expect_error.h"
#include "sweeps/small_sweep.h"

namespace normadd::sweeps {
namespace {

TEST(SweepFolder, EveryJobComesBackAsItWasComposed) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"fusion=product,power", "seed=0,1,2"}));
  EXPECT_FALSE(made.was_there);
  EXPECT_TRUE(made.warnings.empty());
  ASSERT_EQ(made.folder.jobs().size(), 6u);
  EXPECT_EQ(made.folder.jobs()[4].overrides, (std::vector<std::string>{"fusion=power", "seed=1"}));
  const auto frozen = made.folder.frozen_job(4);
  const auto expected = experiment::job_of(small_jobs(directory, {"fusion=power", "seed=1"}));
  EXPECT_TRUE(frozen.resolved == expected.resolved);
  EXPECT_TRUE(frozen.composed.config == expected.composed.config);
  EXPECT_EQ(frozen.composed.choices, expected.composed.choices);
  EXPECT_EQ(frozen.composed.overrides, expected.composed.overrides);
  EXPECT_EQ(frozen.identity, expected.identity);
  EXPECT_EQ(made.folder.jobs()[4].id, expected.identity);
  EXPECT_TRUE(fs::exists(made.folder.path() / "multirun.yaml"));
}

TEST(SweepFolder, TheSameJobsAreTheSameSweepAndOthersAreNot) {
  const test::TemporaryDirectory directory;
  const auto first = made_sweep(small_jobs(directory, {"seed=0,1"}));
  const auto again = made_sweep(small_jobs(directory, {"seed=0,1", "threads=2", "sweep.on_error=stop"}));
  EXPECT_TRUE(again.was_there);
  EXPECT_EQ(again.folder.path(), first.folder.path());
  EXPECT_EQ(SweepFolder::open(first.folder.path()).record().options.on_error, "stop");
  EXPECT_FALSE(made_sweep(small_jobs(directory, {"seed=0,1,2"})).was_there);
  EXPECT_FALSE(made_sweep(small_jobs(directory, {"seed=0,1", "run.save_maps=true"})).was_there);
  const auto forced = made_sweep(small_jobs(directory, {"seed=0,1"}), /*always_new=*/true);
  EXPECT_FALSE(forced.was_there);
  EXPECT_NE(forced.folder.path(), first.folder.path());
}

TEST(SweepFolder, ChangedPromptSetsMakeAnotherSweep) {
  const test::TemporaryDirectory directory;
  const std::string shipped = core::read_file(fs::path(NORMADD_SOURCE_DIR) / "data/prompts/name_only.yaml");
  core::write_file_atomically(directory / "prompts/own.yaml", shipped);
  const auto overrides =
      small_jobs(directory, {"seed=0,1", "prompts.sets=[own]", "prompts.folder=" + (directory / "prompts").string()});
  made_sweep(overrides);
  EXPECT_TRUE(made_sweep(overrides).was_there);
  core::write_file_atomically(directory / "prompts/own.yaml", shipped + "# edited\n");
  EXPECT_FALSE(made_sweep(overrides).was_there);
}

TEST(SweepFolder, JobsThatBringWorkOfTheirOwnComeFirst) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(
      directory, {"detector.coreset_ratio=0.02,0.05", "fusion.lambda=0.1,0.2,0.3", "clip.activation=gelu,quick_gelu"}));
  // Jobs 0-5 have the first ratio, even ones the first activation.
  EXPECT_EQ(made.folder.order(), (std::vector<std::size_t>{0, 1, 6, 2, 4, 8, 10, 3, 5, 7, 9, 11}));
}

TEST(SweepFolder, IdenticalJobsRunOnce) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"seed=0,1,0"}));
  EXPECT_EQ(made.folder.jobs().size(), 2u);
  ASSERT_EQ(made.warnings.size(), 1u);
  EXPECT_NE(made.warnings[0].find("seed=0"), std::string::npos) << made.warnings[0];
}

TEST(SweepFolder, OneWrongJobAndNothingIsMade) {
  const test::TemporaryDirectory directory;
  test::expect_error<core::ConfigError>(
      [&] {
        made_sweep(small_jobs(directory, {"seed=0,1", "fusion.lambda=0.5,none"}));
      },
      {"fusion.lambda=none", "seed=0"});
  test::expect_error<core::ConfigError>(
      [&] {
        made_sweep(small_jobs(directory, {"seed=0,1", "sweep.max_atempts=2"}));
      },
      {"max_attempts"});
  test::expect_error<core::ConfigError>(
      [&] {
        made_sweep(small_jobs(directory, {"seed=0,1", "++launcher.workrs=2"}));
      },
      {"workers"});
  EXPECT_TRUE(sweeps_in(directory).empty());
  EXPECT_TRUE(temporary_files(directory.path()).empty());
}

TEST(SweepFolder, AForeignFolderIsRefused) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "mine/notes.txt", "keep");
  test::expect_error<core::OutputError>(
      [&] {
        made_sweep(small_jobs(directory, {"seed=0,1", "sweep.dir=" + (directory / "mine").string()}));
      },
      {"not this sweep", "mine"});
  EXPECT_EQ(core::read_file(directory / "mine/notes.txt"), "keep");
  const auto in = [&](const std::string& seeds) {
    return made_sweep(small_jobs(directory, {"seed=" + seeds, "sweep.dir=" + (directory / "named").string()}));
  };
  EXPECT_EQ(in("0,1").folder.path(), directory / "named");
  EXPECT_TRUE(in("0,1").was_there);
  test::expect_error<core::OutputError>([&] { in("0,2"); }, {"named"});
}

TEST(SweepFolder, DamageIsNamed) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"seed=0,1"}));
  std::string frozen = core::read_file(made.folder.path() / "frozen.jsonl");
  frozen[frozen.find("carpet")] = 'C';
  core::write_file_atomically(made.folder.path() / "frozen.jsonl", frozen);
  test::expect_error<core::DataError>([&] { made.folder.frozen_job(0); }, {"job 0", "frozen.jsonl"});
  EXPECT_NO_THROW(made.folder.frozen_job(1));
  fs::remove(made.folder.path() / "sweep.json");
  test::expect_error<core::DataError>([&] { SweepFolder::open(made.folder.path()); }, {"not a sweep"});
}

TEST(SweepFolder, TenThousandJobsFreezeAndTellTheirStates) {
  const test::TemporaryDirectory directory;
  std::string seeds = "seed=0";
  for (int seed = 1; seed < 1000; ++seed) seeds += "," + std::to_string(seed);
  const auto start = std::chrono::steady_clock::now();
  const auto made = made_sweep(small_jobs(directory, {seeds, "fusion.lambda=0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1.0"}));
  const auto frozen = std::chrono::steady_clock::now();
  ASSERT_EQ(made.folder.jobs().size(), 10000u);
  for (int job = 0; job < 10000; job += 2) {
    std::ofstream(made.folder.path() / "ledger" / (std::to_string(job) + ".done")) << "{}\n";
  }
  const auto before = std::chrono::steady_clock::now();
  const auto counts = count_jobs(SweepFolder::open(made.folder.path()));
  const auto after = std::chrono::steady_clock::now();
  EXPECT_EQ(counts.done, 5000u);
  EXPECT_EQ(counts.pending, 5000u);
  const auto seconds = [](auto duration) { return std::to_string(std::chrono::duration<double>(duration).count()); };
  std::printf("freezing 10,000 jobs: %s s, their states: %s s\n", seconds(frozen - start).c_str(),
              seconds(after - before).c_str());
}

}  // namespace
}  // namespace normadd::sweeps
