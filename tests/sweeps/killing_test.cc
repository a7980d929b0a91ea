// SPDX-License-Identifier: Apache-2.0
// Processes that are killed anywhere: what a sweep's results are in the end does not depend on it.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "core/atomic_file.h"
#include "sweeps/small_sweep.h"
#include "sweeps/worker_process.h"

namespace normadd::sweeps {
namespace {

using Clock = std::chrono::steady_clock;

/// Child processes of a process.
std::vector<int> children_of(int process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  std::vector<int> children;
  for (int child = 0; stream >> child;) children.push_back(child);
  return children;
}

/// Also when nobody has asked yet how it ended.
bool is_gone(int process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  if (!std::getline(stream, text)) return true;
  return text.substr(text.rfind(')') + 2, 1) == "Z";
}

std::vector<std::string> with_program(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), NORMADD_PROGRAM);
  return arguments;
}

/// Every file of results by its name in the sweep, with its content.
std::map<std::string, std::string> results_of(const fs::path& sweep) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(sweep)) {
    const std::string name = entry.path().lexically_relative(sweep).string();
    const std::string file = entry.path().filename().string();
    const bool is_result = file == "metrics.csv" || file == "scores.csv" || file == "table.txt" ||
                           name.find("/tables/") != std::string::npos;
    if (entry.is_regular_file() && is_result) files[name] = core::read_file(entry.path());
  }
  return files;
}

const std::vector<std::string> kJobs{"clip.activation=gelu,quick_gelu", "seed=0,1", "fusion=product,power"};

std::vector<std::string> killed_sweep(const test::TemporaryDirectory& directory, const std::string& name) {
  auto overrides = small_jobs(directory, kJobs);
  overrides.insert(overrides.end(), {"sweep.dir=" + (directory / name).string(), "sweep.max_attempts=1000",
                                     "cache.dir=" + (directory / ("cache-" + name)).string(), "launcher.workers=2"});
  overrides.insert(overrides.begin(), {"run", "-m"});
  return overrides;
}

class Killing : public ::testing::Test {
 protected:
  Killing() {
    const auto run = run_program(killed_sweep(directory_, "undisturbed"));
    EXPECT_EQ(run.status, 0) << run.errors;
    expected_ = results_of(directory_ / "undisturbed");
    EXPECT_EQ(expected_.count("7/metrics.csv"), 1u);
  }

  void expect_as_undisturbed(const std::string& name) {
    const auto resumed = run_program({"resume", (directory_ / name).string()});
    EXPECT_EQ(resumed.status, 0) << resumed.errors;
    EXPECT_TRUE(results_of(directory_ / name) == expected_) << name;
    const auto sweep = SweepFolder::open(directory_ / name);
    EXPECT_EQ(num_done(sweep), 8u);
    EXPECT_EQ(jobs_in_state(sweep, JobState::kRunning).size(), 0u);
    EXPECT_EQ(temporary_files(directory_ / name), std::vector<std::string>{});
    EXPECT_EQ(temporary_files(directory_ / ("cache-" + name)), std::vector<std::string>{});
  }

  test::TemporaryDirectory directory_;
  std::map<std::string, std::string> expected_;
};

void wait_until(const std::function<bool()>& condition) {
  const auto end = Clock::now() + std::chrono::minutes(2);
  while (!condition() && Clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

TEST_F(Killing, OfAWorkerIsMadeGoodByTheLauncher) {
  WorkerProcess program({with_program(killed_sweep(directory_, "killed")), {}, directory_ / "log"});
  wait_until([&] { return fs::exists(directory_ / "killed/ledger/0.running"); });
  const auto workers = children_of(program.process());
  ASSERT_EQ(workers.size(), 2u);
  for (const int worker : workers) ::kill(worker, SIGKILL);
  wait_until([&] { return program.ended().has_value(); });
  EXPECT_EQ(program.ended(), 0) << core::read_file(directory_ / "log");
  EXPECT_FALSE(SweepFolder::open(directory_ / "killed").ledger().attempts_of(0).empty());
  expect_as_undisturbed("killed");
}

TEST_F(Killing, OfTheLauncherEndsItsWorkersAndAResumeGoesOn) {
  WorkerProcess program({with_program(killed_sweep(directory_, "killed")), {}, directory_ / "log"});
  wait_until([&] { return fs::exists(directory_ / "killed/ledger/0.running"); });
  const auto workers = children_of(program.process());
  program.send(SIGKILL);
  wait_until([&] { return std::all_of(workers.begin(), workers.end(), is_gone); });
  for (const int worker : workers) EXPECT_TRUE(is_gone(worker)) << "worker " << worker << " lives on";
  EXPECT_LT(num_done(SweepFolder::open(directory_ / "killed")), 8u);
  expect_as_undisturbed("killed");
}

TEST_F(Killing, SigtermGivesBackWhatIsHeldAndLeavesNothingTemporary) {
  WorkerProcess program({with_program(killed_sweep(directory_, "killed")), {}, directory_ / "log"});
  wait_until([&] { return fs::exists(directory_ / "killed/ledger/0.running"); });
  program.send(SIGTERM);
  wait_until([&] { return program.ended().has_value(); });
  EXPECT_EQ(program.ended(), 128 + SIGTERM);
  const auto sweep = SweepFolder::open(directory_ / "killed");
  EXPECT_TRUE(jobs_in_state(sweep, JobState::kRunning).empty());
  ASSERT_FALSE(sweep.ledger().attempts_of(0).empty());
  EXPECT_EQ(sweep.ledger().attempts_of(0)[0].state, "requeued");
  EXPECT_TRUE(temporary_files(directory_ / "killed").empty());
  EXPECT_NE(core::read_file(directory_ / "log").find("normadd resume"), std::string::npos);
  expect_as_undisturbed("killed");
}

TEST_F(Killing, TheTimeSignalGivesBackAndAsksForAnotherStart) {
  const auto sweep = made_sweep(small_jobs(directory_, {"seed=5,6"})).folder;
  WorkerProcess task({with_program({"task", sweep.path().string()}), {}, directory_ / "log"});
  wait_until([&] { return fs::exists(sweep.path() / "ledger/0.running"); });
  task.send(SIGUSR2);
  wait_until([&] { return task.ended().has_value(); });
  EXPECT_EQ(task.ended(), 75) << core::read_file(directory_ / "log");
  EXPECT_TRUE(jobs_in_state(sweep, JobState::kRunning).empty());
  EXPECT_EQ(sweep.ledger().attempts_of(0).at(0).state, "requeued");
}

TEST_F(Killing, AHundredTimesAnywhereChangesNothing) {
  std::mt19937 random(20240911);
  int kills = 0;
  std::vector<std::string> names;
  // A sweep that survives to its end is followed by another.
  while (kills < 100) {
    names.push_back("killed-" + std::to_string(names.size()));
    bool has_ended = false;
    while (!has_ended && kills < 100) {
      WorkerProcess program({with_program(killed_sweep(directory_, names.back())), {}, directory_ / "log"});
      for (;;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(20, 700)(random)));
        if (program.ended()) {
          has_ended = program.ended() == 0;
          EXPECT_TRUE(has_ended) << core::read_file(directory_ / "log");
          break;
        }
        std::vector<int> targets = children_of(program.process());
        targets.push_back(program.process());
        const int target = targets[std::uniform_int_distribution<std::size_t>(0, targets.size() - 1)(random)];
        ::kill(target, SIGKILL);
        if (++kills == 100 || target == program.process()) break;
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
  std::printf("100 kills over %zu sweeps\n", names.size());
  for (const auto& name : names) {
    if (fs::exists(directory_ / name)) expect_as_undisturbed(name);
  }
}

}  // namespace
}  // namespace normadd::sweeps
