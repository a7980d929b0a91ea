// SPDX-License-Identifier: Apache-2.0
// What people complain about in other tools' sweeps, each as a test of its name.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/day_folder.h"
#include "core/error.h"
#include "support/child_process.h"
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

TEST(SweepPains, ADotInsteadOfASlashReplacesASectionByAString) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "config.yaml", "defaults:\n  - app/db: postgres\n  - _self_\n");
  for (const char* name : {"postgres", "mysql"}) {
    core::write_file_atomically(directory / "app/db" / (std::string(name) + ".yaml"), std::string("name: ") + name);
  }
  config::ComposeRequest request;
  request.search_paths = {directory.path()};
  request.overrides = {"app.db=postgres,mysql"};
  const auto jobs = config::expand_sweep(request);
  ASSERT_EQ(jobs.size(), 2u);
  for (const auto& job : jobs) {
    request.overrides = job.all;
    test::expect_error<core::ConfigError>([&] { config::compose(request); }, {"app.db is a map", "app/db="});
  }
}

TEST(SweepPains, NothingIsValidatedUnlessOneWiresIt) {
  const test::TemporaryDirectory directory;
  // The last job is wrong: the first must not run for an hour before somebody hears of it.
  const auto refused = run_sweep(small_jobs(directory, {"detector.coreset_ratio=0.02,0.05,2"}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.errors.find("detector.coreset_ratio"), std::string::npos) << refused.errors;
  EXPECT_TRUE(sweeps_in(directory).empty());
  EXPECT_FALSE(fs::exists(directory / "data"));
  // A file that nobody has chosen yet.
  const fs::path configs = own_configs(directory);
  core::write_file_atomically(configs / "launcher/slurm.yaml", "name: slurm\ntimeout_min: soon\n");
  const auto checked = run_program({"validate", "-cp", configs.string(), "launcher=slurm"});
  EXPECT_EQ(checked.status, 2);
  EXPECT_NE((checked.output + checked.errors).find("timeout_min"), std::string::npos) << checked.output;
}

TEST(SweepPains, AListElementCannotBeOverridden) {
  const test::TemporaryDirectory directory;
  const auto made =
      made_sweep(small_jobs(directory, {"prompts.sets=[templates,described]", "prompts.sets.1=name_only,mine"}));
  ASSERT_EQ(made.folder.jobs().size(), 2u);
  EXPECT_EQ(made.folder.frozen_job(0).prompts.sets, (std::vector<std::string>{"templates", "name_only"}));
  EXPECT_EQ(made.folder.frozen_job(1).prompts.sets, (std::vector<std::string>{"templates", "mine"}));
  test::expect_error<core::ConfigError>([&] { made_sweep(small_jobs(directory, {"prompts.sets[1]=mine"})); },
                                        {"prompts.sets.0="});
}

TEST(SweepPains, PeopleThatShareAResultsFolderLockEachOtherOut) {
  const test::TemporaryDirectory directory;
  const auto sweeps = directory / "sweeps";
  const auto today = core::day_folder(sweeps, core::local_time());
  fs::create_directories(today);
  // Another's folder of this day; root may write everywhere.
  fs::permissions(today, fs::perms(0555));
  fs::permissions(sweeps, fs::perms(0777));
  fs::permissions(directory.path(), fs::perms(0755));
  const auto overrides = small_jobs(directory, {"seed=0,1"});
  constexpr int kNoAccess = 77;
  test::ChildProcess other([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) return 2;
    if (::faccessat(AT_FDCWD, NORMADD_SOURCE_DIR "/configs/config.yaml", R_OK, AT_EACCESS) != 0) return kNoAccess;
    const auto path = made_sweep(overrides).folder.path();
    return path.parent_path().filename().string().starts_with(today.filename().string() + "_") ? 0 : 3;
  });
  const int code = other.wait();
  fs::permissions(today, fs::perms(0755));
  if (code == kNoAccess) GTEST_SKIP() << "others may not read " NORMADD_SOURCE_DIR;
  EXPECT_EQ(code, 0);
  ASSERT_EQ(sweeps_in(directory).size(), 1u);
  // Who asks for the same sweep gets it.
  EXPECT_EQ(made_sweep(overrides).folder.path(), sweeps_in(directory).front());
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
