// SPDX-License-Identifier: Apache-2.0
// Sweeps run by the program itself.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "support/small_disk.h"
#include "sweeps/small_sweep.h"

namespace normadd::sweeps {
namespace {

/// Two batches, in each a job whose prompt set is missing and one that works.
std::vector<std::string> half_failing(const test::TemporaryDirectory& directory,
                                      const std::vector<std::string>& more = {}) {
  auto overrides = small_jobs(directory, {"clip.activation=gelu,quick_gelu", "prompts.sets=[late],[name_only]",
                                          "prompts.folder=" + (directory / "prompts").string()});
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

TEST(SweepRuns, EndWithTheirTablesAndTheSameCommandAgainComputesNothing) {
  const test::TemporaryDirectory directory;
  const auto overrides = small_jobs(directory, {"fusion=product,power", "seed=0,1"});
  const auto first = run_sweep(overrides);
  ASSERT_EQ(first.status, 0) << first.errors;
  EXPECT_NE(first.errors.find("Launching 4 jobs locally"), std::string::npos) << first.errors;
  EXPECT_NE(first.errors.find("#3 : fusion=power seed=1"), std::string::npos) << first.errors;
  ASSERT_EQ(sweeps_in(directory).size(), 1u);
  const auto sweep = SweepFolder::open(sweeps_in(directory).front());
  EXPECT_EQ(num_done(sweep), 4u);

  const core::CsvTable metrics = core::read_csv(sweep.path() / "metrics.csv");
  EXPECT_EQ(metrics.columns.front(), "job");
  std::map<std::string, std::size_t> rows;
  for (const auto& row : metrics.rows) ++rows[row.front()];
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& [job, count] : rows) {
    EXPECT_EQ(count, core::read_csv(sweep.path() / job / "metrics.csv").rows.size());
  }
  EXPECT_TRUE(fs::exists(sweep.path() / "scores.csv"));
  EXPECT_TRUE(temporary_files(directory.path()).empty());

  const auto written = fs::last_write_time(sweep.path() / "0" / "metrics.csv");
  const auto again = run_sweep(overrides);
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_EQ(again.output, first.output);
  EXPECT_NE(again.errors.find("4 of 4 done"), std::string::npos) << again.errors;
  EXPECT_EQ(again.errors.find("Launching"), std::string::npos) << again.errors;
  EXPECT_EQ(sweeps_in(directory).size(), 1u);
  EXPECT_EQ(fs::last_write_time(sweep.path() / "0" / "metrics.csv"), written);
}

TEST(SweepRuns, AFailureNamesItsJobAndARetryRunsItAgain) {
  const test::TemporaryDirectory directory;
  const auto first = run_sweep(half_failing(directory));
  EXPECT_EQ(first.status, 1) << first.errors;
  const auto sweep = SweepFolder::open(sweeps_in(directory).front());
  EXPECT_EQ(counts_text(count_jobs(sweep)), "2 of 4 done, 2 failed");
  EXPECT_NE(first.errors.find("#0 clip.activation=gelu prompts.sets=[late]: "), std::string::npos) << first.errors;
  EXPECT_NE(first.errors.find("normadd retry"), std::string::npos) << first.errors;

  const auto status = run_program({"status", sweep.path().string(), "--json", "--failed"});
  const auto json = nlohmann::json::parse(status.output);
  EXPECT_EQ(json.at("failed"), 2);
  ASSERT_EQ(json.at("jobs").size(), 2u);
  EXPECT_NE(json.at("jobs")[0].at("error").get<std::string>().find("late"), std::string::npos);

  core::write_file_atomically(directory / "prompts/late.yaml",
                              core::read_file(fs::path(NORMADD_SOURCE_DIR) / "data/prompts/name_only.yaml"));
  const auto resumed = run_program({"resume", sweep.path().string()});
  EXPECT_EQ(resumed.status, 1) << "failed jobs wait for a retry";
  const auto one = run_program({"retry", sweep.path().string(), "--jobs", "2"});
  EXPECT_EQ(one.status, 1) << one.errors;
  EXPECT_EQ(counts_text(count_jobs(sweep)), "3 of 4 done, 1 failed");
  const auto all = run_program({"retry", sweep.path().string()});
  EXPECT_EQ(all.status, 0) << all.errors;
  EXPECT_EQ(num_done(sweep), 4u);
  ASSERT_EQ(sweep.ledger().attempts_of(0).size(), 1u);
  EXPECT_EQ(sweep.ledger().attempts_of(0)[0].state, "failed");
}

TEST(SweepRuns, OnErrorStopStartsNoMoreJobs) {
  const test::TemporaryDirectory directory;
  const auto run = run_sweep(half_failing(directory, {"sweep.on_error=stop"}));
  EXPECT_EQ(run.status, 1) << run.errors;
  EXPECT_NE(run.errors.find("sweep.on_error=stop"), std::string::npos) << run.errors;
  EXPECT_EQ(counts_text(count_jobs(SweepFolder::open(sweeps_in(directory).front()))),
            "1 of 4 done, 1 failed, 2 pending");
}

TEST(SweepRuns, MaxFailuresStopsAfterSoMany) {
  const test::TemporaryDirectory directory;
  const auto one = run_sweep(half_failing(directory, {"sweep.max_failures=1"}));
  EXPECT_EQ(one.status, 1);
  const auto sweep = SweepFolder::open(sweeps_in(directory).front());
  EXPECT_EQ(counts_text(count_jobs(sweep)), "1 of 4 done, 1 failed, 2 pending");
  const auto two = run_sweep(half_failing(directory, {"sweep.max_failures=2"}));
  EXPECT_EQ(counts_text(count_jobs(sweep)), "2 of 4 done, 2 failed") << two.errors;
}

TEST(SweepRuns, TwoProcessesShareOneSweep) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"clip.activation=gelu,quick_gelu", "seed=0,1,2"}));
  core::SubprocessResult results[2];
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = run_program({"task", made.folder.path().string(), "--share", "2"}); });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(num_done(made.folder), 6u);
  for (std::size_t job = 0; job < 6; ++job) {
    EXPECT_TRUE(made.folder.ledger().attempts_of(job).empty());
    EXPECT_TRUE(fs::exists(made.folder.run_folder(job) / "metrics.csv"));
  }
  EXPECT_TRUE(temporary_files(directory.path()).empty());
}

TEST(SweepRuns, ATaskDoesItsOwnJobsOnly) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"seed=0,1,2"}));
  const auto task = run_program({"task", made.folder.path().string(), "--jobs", "0,2", "--no-wait"});
  EXPECT_EQ(task.status, 0) << task.errors;
  EXPECT_EQ(counts_text(count_jobs(made.folder)), "2 of 3 done, 1 pending");
  const auto collected = run_program({"collect", made.folder.path().string()});
  EXPECT_EQ(collected.status, 1);
  EXPECT_NE(collected.errors.find("2 of 3 done, 1 pending"), std::string::npos) << collected.errors;
}

TEST(SweepRuns, ACancelledSweepStartsNothingUntilItIsResumed) {
  const test::TemporaryDirectory directory;
  const auto made = made_sweep(small_jobs(directory, {"seed=0,1"}));
  EXPECT_EQ(run_program({"cancel", made.folder.path().string()}).status, 0);
  run_program({"task", made.folder.path().string()});
  EXPECT_EQ(num_done(made.folder), 0u);
  const auto resumed = run_program({"resume", made.folder.path().string()});
  EXPECT_EQ(resumed.status, 0) << resumed.errors;
  EXPECT_EQ(num_done(made.folder), 2u);
}

TEST(SweepRuns, AFullDiskIsNamedAndTheSweepGoesOnOnceThereIsSpace) {
  const test::TemporaryDirectory directory;
  const test::SmallDisk disk(directory / "small", "1m");
  if (disk.error() != 0) GTEST_SKIP() << "needs the right to mount";
  const auto overrides = small_jobs(directory, {"seed=0,1,2,3", "sweep.root=" + (directory / "small").string()});
  const std::string ballast(900 * 1024, 'x');
  std::ofstream(directory / "small" / "ballast") << ballast;
  const auto full = run_sweep(overrides);
  EXPECT_NE(full.status, 0);
  EXPECT_NE((full.errors + full.output).find("space"), std::string::npos) << full.errors;
  fs::remove(directory / "small" / "ballast");
  const auto again = run_sweep(overrides);
  fs::path sweep;
  for (const auto& day : fs::directory_iterator(directory / "small")) {
    if (!day.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(day.path())) sweep = entry.path();
  }
  ASSERT_FALSE(sweep.empty()) << again.errors;
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_EQ(num_done(SweepFolder::open(sweep)), 4u);
  EXPECT_TRUE(temporary_files(directory / "small").empty());
}

}  // namespace
}  // namespace normadd::sweeps
