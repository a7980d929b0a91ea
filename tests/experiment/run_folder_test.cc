// SPDX-License-Identifier: Apache-2.0
#include "experiment/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "experiment/small_run.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(RunFolder, IsNamedByDateTimeAndTheJobsHash) {
  const TemporaryDirectory directory;
  const Job job = job_of({"run.root=" + directory.path().string()});
  const RunFolder folder = RunFolder::create(job, {});
  EXPECT_THAT(fs::relative(folder.path(), directory.path()).generic_string(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{2}-[0-9]{2}-[0-9]{2}_" + job.id));
}

TEST(RunFolder, RunsStartedInTheSameSecondGetFoldersOfTheirOwn) {
  const TemporaryDirectory directory;
  const Job job = job_of({"run.root=" + directory.path().string()});
  constexpr std::size_t kRuns = 12;
  std::vector<fs::path> paths(kRuns);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kRuns; ++i) {
    threads.emplace_back([&, i] { paths[i] = RunFolder::create(job, {}).path(); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set<fs::path>(paths.begin(), paths.end()).size(), kRuns);
}

TEST(RunFolder, FreezesWhatRunsTheSameJobAgain) {
  const TemporaryDirectory directory;
  const Job job = job_of({"run.dir=" + (directory / "run").string(), "seed=3", "fusion=power", "fusion.gamma=2"});
  const RunFolder folder = RunFolder::create(job, {});
  // The frozen configuration, composed from its own folder, is the same job.
  config::ComposeRequest request;
  request.search_paths = {folder.path() / ".hydra"};
  const Job again = make_job(config::compose(request));
  EXPECT_EQ(again.id, job.id);
  EXPECT_EQ(config::to_yaml(again.resolved), core::read_file(folder.path() / "config.resolved.yaml"));
}

TEST(RunFolder, StatusSaysWhatWentWrong) {
  const TemporaryDirectory directory;
  const RunFolder folder = RunFolder::create(job_of({"run.dir=" + (directory / "run").string()}), {});
  EXPECT_THAT(core::read_file(folder.path() / "status.json"), HasSubstr("\"running\""));
  folder.write_status("failed", "the disk \"x\" is full");
  EXPECT_THAT(core::read_file(folder.path() / "status.json"),
              testing::AllOf(HasSubstr("\"failed\""), HasSubstr(R"(the disk \"x\" is full)")));
}

TEST(RunFolder, CannotBeMadeWhereAFileStands) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "file", "x");
  const Job job = job_of({"run.root=" + (directory / "file").string()});
  test::expect_error<core::OutputError>([&] { RunFolder::create(job, {}); }, {"file"});
}

TEST(GitCommit, ReadsLooseAndPackedReferencesAndDetachedHeads) {
  const TemporaryDirectory directory;
  EXPECT_EQ(git_commit(directory.path()), "");
  core::write_file_atomically(directory / ".git/HEAD", "ref: refs/heads/main\n");
  core::write_file_atomically(directory / ".git/packed-refs", "# pack-refs\nabc123 refs/heads/main\n");
  EXPECT_EQ(git_commit(directory.path()), "abc123");
  core::write_file_atomically(directory / ".git/refs/heads/main", "def456\n");
  EXPECT_EQ(git_commit(directory.path()), "def456");
  core::write_file_atomically(directory / ".git/HEAD", "0123abcd\n");
  EXPECT_EQ(git_commit(directory.path()), "0123abcd");
}

}  // namespace
}  // namespace normadd::experiment
