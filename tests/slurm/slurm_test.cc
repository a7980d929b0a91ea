// SPDX-License-Identifier: Apache-2.0
// Sweeps on a real Slurm, with everything that a cluster does to them. Whatever happens, the results are to be those of
// a local sweep, byte by byte. Skipped where there is no Slurm or no root.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <set>

#include "core/atomic_file.h"
#include "slurm/cluster.h"
#include "support/temporary_directory.h"

namespace normadd {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::eventually;
using test::run;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

/// Pictures that make a job take a second or two, and nothing that is not a number.
Words small_jobs(const fs::path& data) {
  return {"dataset.root=" + data.string(),
          "dataset.categories=[carpet]",
          "dataset.train_good=6",
          "dataset.test_good=3",
          "dataset.test_per_type=2",
          "detector.coreset_ratio=0.05",
          "backbone.resize_px=128",
          "run.panels=false",
          "threads=1"};
}

/// 40 cells that differ in their fusion.
const Words kGrid{"fusion=threshold", "fusion.threshold=range(0.1,0.9,0.02)"};
/// Cells that share nothing but the normality detector's maps, so that there is something to interrupt.
Words seeds(int count) { return {fmt::format("seed=range({})", count)}; }

class OnSlurm : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<test::TemporaryDirectory>();
    cluster_ = std::make_unique<test::Cluster>(*directory_ / "cluster");
  }
  static void TearDownTestSuite() {
    cluster_.reset();
    directory_.reset();
  }
  void SetUp() override {
    if (!cluster_->missing().empty()) GTEST_SKIP() << cluster_->missing();
  }
  void TearDown() override {
    if (!cluster_->missing().empty()) return;
    if (HasFailure()) std::cerr << cluster_->account_of_itself();
    // Only those of this test: another's may be waiting for its time limit.
    for (const auto& sweep : sweeps_) run({NORMADD_PROGRAM, "cancel", sweep.string()});
  }

  static test::Cluster& cluster() { return *cluster_; }
  static fs::path place(const std::string& name) { return *directory_ / name; }

  static core::SubprocessResult normadd(Words words, std::chrono::seconds limit = 300s) {
    words.insert(words.begin(), NORMADD_PROGRAM);
    return run(words, limit);
  }

  static Words sweep_words(const std::string& name, const Words& cells, const Words& more) {
    Words words{"run", "-m"};
    for (const auto& part : {small_jobs(place("data")), cells, more})
      words.insert(words.end(), part.begin(), part.end());
    words.push_back("sweep.dir=" + place(name).string());
    words.push_back("cache.dir=" + place(name + "-cache").string());
    return words;
  }

  /// The same cells on this machine; made once per set of cells.
  static fs::path local(const std::string& name, const Words& cells) {
    if (!fs::exists(place(name))) {
      const auto result = normadd(sweep_words(name, cells, {"launcher=local"}));
      EXPECT_EQ(result.status, 0) << result.errors;
    }
    return place(name);
  }

  fs::path submit(const std::string& name, const Words& cells, Words options = {}) {
    options.insert(options.begin(), "launcher=slurm");
    const auto result = normadd(sweep_words(name, cells, options));
    EXPECT_EQ(result.status, 0) << result.errors;
    sweeps_.push_back(place(name));
    return place(name);
  }

  static std::size_t count(const fs::path& sweep, const std::string& ending) {
    std::size_t number = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(sweep / "ledger", error))
      number += entry.path().filename().string().ends_with(ending) ? 1 : 0;
    return number;
  }
  static bool started(const fs::path& sweep) { return count(sweep, ".running") > 0; }
  static bool finished(const fs::path& sweep, std::size_t jobs) { return count(sweep, ".done") == jobs; }

  static std::set<std::string> running_of(const fs::path& sweep) {
    std::set<std::string> tasks;
    const auto record = core::read_file(sweep / "launcher/slurm/0/submission.json");
    for (const auto& task : cluster().tasks_in("RUNNING")) {
      if (record.find('"' + task.substr(0, task.find('_')) + '"') != std::string::npos) tasks.insert(task);
    }
    return tasks;
  }

  static bool told_to_resume(const fs::path& sweep) {
    return normadd({"status", sweep.string()}).errors.find("normadd resume") != std::string::npos;
  }

  /// Waits for all jobs, and for the queue to forget the sweep, then holds every number against the local sweep's.
  static void expect_same_as(const fs::path& reference, const fs::path& sweep, std::size_t jobs) {
    ASSERT_TRUE(eventually([&] { return finished(sweep, jobs); })) << normadd({"status", sweep.string()}).output;
    EXPECT_EQ(count(sweep, ".running"), 0u);
    for (std::size_t job = 0; job < jobs; ++job) {
      for (const char* table : {"metrics.csv", "scores.csv"}) {
        const auto name = fs::path(std::to_string(job)) / table;
        EXPECT_EQ(core::read_file(sweep / name), core::read_file(reference / name)) << name;
      }
    }
    const auto collected = normadd({"collect", sweep.string()});
    EXPECT_EQ(collected.status, 0) << collected.errors;
    ASSERT_EQ(normadd({"collect", reference.string()}).status, 0);
    EXPECT_EQ(core::read_file(sweep / "metrics.csv"), core::read_file(reference / "metrics.csv"));
    for (const auto& entry : fs::recursive_directory_iterator(sweep))
      EXPECT_THAT(entry.path().string(), Not(HasSubstr(".tmp"))) << "left over";
  }

  std::vector<fs::path> sweeps_;
  static std::unique_ptr<test::TemporaryDirectory> directory_;
  static std::unique_ptr<test::Cluster> cluster_;
};

std::unique_ptr<test::TemporaryDirectory> OnSlurm::directory_;
std::unique_ptr<test::Cluster> OnSlurm::cluster_;

constexpr int kSeeds = 8;

TEST_F(OnSlurm, AnArrayOverFourNodesGivesTheTablesOfALocalSweep) {
  const auto reference = local("local-grid", kGrid);
  // The submitting shell and program are gone before anything can have run: the queue is closed meanwhile.
  ASSERT_TRUE(run({"scontrol", "update", "PartitionName=main", "State=DOWN"}).ok());
  auto words = sweep_words("array", kGrid, {"launcher=slurm", "launcher.jobs_per_task=5"});
  std::string line = std::string("exec setsid '") + NORMADD_PROGRAM + "'";
  for (const auto& word : words) line += " '" + word + "'";
  const auto sent = run({"sh", "-c", line});
  ASSERT_EQ(sent.status, 0) << sent.errors;
  const auto sweep = place("array");
  sweeps_.push_back(sweep);
  EXPECT_EQ(count(sweep, ".done"), 0u);
  EXPECT_THAT(normadd({"status", sweep.string()}).output, HasSubstr("pending"));
  ASSERT_TRUE(run({"scontrol", "update", "PartitionName=main", "State=UP"}).ok());
  expect_same_as(reference, sweep, 40);
  // The last job collects by itself.
  EXPECT_TRUE(eventually([&] { return running_of(sweep).empty() && cluster().tasks_in("PENDING").empty(); }));
  const auto again = normadd({"resume", sweep.string()});
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_FALSE(fs::exists(sweep / "launcher/slurm/1")) << "nothing was left to submit";
  // Ended tasks stay in the queue for a moment.
  EXPECT_TRUE(eventually([&] { return cluster().queue_is_empty(); }));
}

TEST_F(OnSlurm, ArraysAreCutToTheLargestAllowed) {
  const Words cells{"fusion=threshold", "fusion.threshold=range(0.1,0.5,0.02)"};
  const auto reference = local("local-20", cells);
  const auto sweep = submit("chunks", cells, {"launcher.max_array_size=8"});
  std::size_t scripts = 0;
  for (const auto& entry : fs::directory_iterator(sweep / "launcher/slurm/0"))
    scripts += entry.path().filename().string().starts_with("array-") ? 1 : 0;
  EXPECT_EQ(scripts, 3u);
  expect_same_as(reference, sweep, 20);
}

TEST_F(OnSlurm, AKilledNodesTasksGoElsewhere) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  const auto sweep = submit("node", seeds(kSeeds), {"launcher.jobs_per_task=2"});
  ASSERT_TRUE(eventually([&] { return started(sweep); }));
  const auto tasks = running_of(sweep);
  ASSERT_FALSE(tasks.empty());
  const std::string node = cluster().node_of(*tasks.begin());
  cluster().kill_daemon("slurmd." + node);
  cluster().kill_everything_on(node);
  expect_same_as(reference, sweep, kSeeds);
  cluster().start_again();
}

TEST_F(OnSlurm, ASlurmdKilledWhileItsJobLivesOnMakesTwoCopiesThatDoNoHarm) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  const auto sweep = submit("copies", seeds(kSeeds), {"launcher.jobs_per_task=8"});
  ASSERT_TRUE(eventually([&] { return started(sweep); }));
  const auto tasks = running_of(sweep);
  ASSERT_EQ(tasks.size(), 1u);
  const std::string node = cluster().node_of(*tasks.begin());
  cluster().kill_daemon("slurmd." + node);
  // As the controller will find out by itself after its time-out.
  ASSERT_TRUE(run({"scontrol", "update", "NodeName=" + node, "State=DOWN", "Reason=test"}).ok());
  expect_same_as(reference, sweep, kSeeds);
  cluster().start_again();
  run({"scontrol", "update", "NodeName=" + node, "State=RESUME"});
}

TEST_F(OnSlurm, ARequeuedTaskGoesOn) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  const auto sweep = submit("requeue", seeds(kSeeds), {"launcher.jobs_per_task=2"});
  ASSERT_TRUE(eventually([&] { return started(sweep); }));
  for (const auto& task : running_of(sweep)) run({"scontrol", "requeue", task});
  expect_same_as(reference, sweep, kSeeds);
}

TEST_F(OnSlurm, PreemptedTasksStartAgainWithoutLimit) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  const auto sweep = submit("preempted", seeds(kSeeds), {"launcher.jobs_per_task=2", "launcher.cpus_per_task=2"});
  ASSERT_TRUE(eventually([&] { return running_of(sweep).size() == 4; }));
  const auto urgent = run({"sbatch", "--parsable", "--partition=urgent", "--nodes=4", "--exclusive",
                           "--output=/dev/null", "--wrap=sleep 2"});
  ASSERT_TRUE(urgent.ok()) << urgent.words();
  ASSERT_TRUE(eventually([&] { return running_of(sweep).empty(); })) << "not preempted";
  EXPECT_FALSE(finished(sweep, kSeeds));
  expect_same_as(reference, sweep, kSeeds);
}

TEST_F(OnSlurm, ARestartedControllerLosesNothing) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  const auto sweep = submit("controller", seeds(kSeeds), {"launcher.jobs_per_task=2", "launcher.array_parallelism=2"});
  ASSERT_TRUE(eventually([&] { return started(sweep); }));
  cluster().kill_daemon("slurmctld");
  const auto status = normadd({"status", sweep.string()});
  EXPECT_EQ(status.status, 0) << status.errors;
  EXPECT_THAT(status.output, HasSubstr("Slurm does not answer"));
  cluster().start_controller();
  // A controller that dies forgets what it was sent in its last seconds, and may give numbers again that a node still
  // uses, which ends in tasks that are held: whoever looks is told to resume.
  constexpr int kAtMost = 5;
  for (int round = 0; round < kAtMost && !finished(sweep, kSeeds); ++round) {
    ASSERT_TRUE(eventually([&] { return finished(sweep, kSeeds) || told_to_resume(sweep); }));
    if (finished(sweep, kSeeds)) break;
    EXPECT_EQ(normadd({"resume", sweep.string()}).status, 0);
  }
  expect_same_as(reference, sweep, kSeeds);
}

TEST_F(OnSlurm, HeldTasksAreToldAndSentAnew) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  ASSERT_TRUE(run({"scontrol", "update", "PartitionName=main", "State=DOWN"}).ok());
  const auto sweep = submit("held", seeds(kSeeds), {"launcher.jobs_per_task=2"});
  for (const auto& task : cluster().tasks_in("PENDING")) run({"scontrol", "hold", task});
  EXPECT_TRUE(told_to_resume(sweep));
  EXPECT_THAT(normadd({"status", sweep.string()}).errors, HasSubstr("JobHeld"));
  const auto resumed = normadd({"resume", sweep.string()});
  EXPECT_EQ(resumed.status, 0) << resumed.errors;
  EXPECT_THAT(resumed.errors, HasSubstr("cancelled 4 Slurm tasks"));
  EXPECT_FALSE(told_to_resume(sweep));
  ASSERT_TRUE(run({"scontrol", "update", "PartitionName=main", "State=UP"}).ok());
  expect_same_as(reference, sweep, kSeeds);
}

TEST_F(OnSlurm, CancelledSweepsAreResumed) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  const auto sweep = submit("cancelled", seeds(kSeeds), {"launcher.jobs_per_task=2", "launcher.array_parallelism=1"});
  ASSERT_TRUE(eventually([&] { return started(sweep); }));
  const auto cancelled = normadd({"cancel", sweep.string()});
  EXPECT_EQ(cancelled.status, 0) << cancelled.errors;
  ASSERT_TRUE(eventually([&] { return running_of(sweep).empty(); }));
  EXPECT_FALSE(finished(sweep, kSeeds));
  const auto resumed = normadd({"resume", sweep.string()});
  EXPECT_EQ(resumed.status, 0) << resumed.errors;
  expect_same_as(reference, sweep, kSeeds);
}

TEST_F(OnSlurm, TheTimeLimitComesAndTheWorkGoesOn) {
  const auto reference = local("local-seeds", seeds(kSeeds));
  // Slurm looks every half minute and may announce the limit up to a minute early: while the program runs already, or
  // before it is stopped below.
  const auto sweep = submit("limit", seeds(kSeeds),
                            {fmt::format("launcher.jobs_per_task={}", kSeeds), "launcher.timeout_min=1",
                             "launcher.signal_delay_s=20", "launcher.max_num_timeout=20"});
  // However fast this machine is, the work is not done before the time is up: it is held until the signal has come.
  int worker = 0;
  ASSERT_TRUE(eventually([&] {
    const auto tasks = started(sweep) ? running_of(sweep) : std::set<std::string>{};
    worker = tasks.empty() ? 0 : cluster().process_of(*tasks.begin(), "normadd");
    return worker != 0;
  }));
  ASSERT_EQ(::kill(worker, SIGSTOP), 0);
  ASSERT_FALSE(finished(sweep, kSeeds));
  // The announcement may have come just before the stop. It comes in the first half of this minute; held for longer, the
  // work would be killed at its end.
  static_cast<void>(eventually([&] { return test::signal_is_pending(worker, SIGUSR2); }, 40s));
  ::kill(worker, SIGCONT);
  expect_same_as(reference, sweep, kSeeds);
  std::size_t requeued = 0, lost = 0;
  for (const auto& entry : fs::directory_iterator(sweep / "ledger")) {
    if (entry.path().filename().string().find(".attempt.") == std::string::npos) continue;
    const auto end = core::read_file(entry.path());
    requeued += end.find("the time is up") != std::string::npos ? 1 : 0;
    lost += end.find("\"lost\"") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(lost, 0u) << "a job was killed instead of being given back";
  EXPECT_GT(requeued, 0u);
}

TEST_F(OnSlurm, WhatSlurmRefusesIsToldInItsWordsAndNothingIsLeft) {
  const auto result =
      normadd(sweep_words("refused", kGrid, {"launcher=slurm", "launcher.partition=no-such-partition"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.errors, HasSubstr("no-such-partition"));
  EXPECT_TRUE(cluster().queue_is_empty());
}

}  // namespace
}  // namespace normadd
