// SPDX-License-Identifier: Apache-2.0
#include "sweeps/ledger.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"
#include "sweeps/worker.h"

namespace normadd::sweeps {
namespace {

namespace fs = std::filesystem;

/// A process that takes the job and dies with it.
void die_with(const fs::path& folder, std::size_t job, int max_attempts) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Ledger ledger(folder, max_attempts);
    const auto claim = ledger.claim(job);
    ::_exit(claim ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

class LedgerFiles : public ::testing::Test {
 protected:
  LedgerFiles() { core::make_directories(folder_); }
  test::TemporaryDirectory directory_;
  fs::path folder_ = directory_ / "ledger";
};

TEST_F(LedgerFiles, AJobIsHeldByOneOwnerUntilItIsDone) {
  Ledger ledger(folder_);
  EXPECT_EQ(ledger.states(2)[1].state, JobState::kPending);
  auto claim = ledger.claim(1);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->attempt(), 1);
  EXPECT_FALSE(ledger.claim(1));
  EXPECT_EQ(ledger.states(2)[1].state, JobState::kRunning);
  EXPECT_EQ(ledger.owner_of(1)->process, ::getpid());
  claim->done(2.5);
  EXPECT_EQ(ledger.states(2)[1].state, JobState::kDone);
  EXPECT_FALSE(ledger.claim(1));
  EXPECT_EQ(ledger.end_of(1)->seconds, 2.5);
  EXPECT_EQ(ledger.states(2)[0].state, JobState::kPending);
}

TEST_F(LedgerFiles, AFailureWaitsForARetryAndItsAttemptIsKept) {
  Ledger ledger(folder_);
  ledger.claim(0)->failed("no such file: x", 1);
  EXPECT_EQ(ledger.states(1)[0].state, JobState::kFailed);
  EXPECT_FALSE(ledger.claim(0));
  EXPECT_EQ(ledger.end_of(0)->error, "no such file: x");
  EXPECT_TRUE(ledger.retry(0));
  EXPECT_FALSE(ledger.retry(0));
  auto claim = ledger.claim(0);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->attempt(), 2);
  claim->done(1);
  EXPECT_EQ(ledger.states(1)[0].state, JobState::kDone);
  ASSERT_EQ(ledger.attempts_of(0).size(), 1u);
  EXPECT_EQ(ledger.attempts_of(0)[0].state, "failed");
}

TEST_F(LedgerFiles, GivenBackJobsArePendingAgain) {
  Ledger ledger(folder_);
  ledger.claim(0)->requeued("time limit");
  ledger.claim(0)->put_back();
  EXPECT_EQ(ledger.states(1)[0].state, JobState::kPending);
  EXPECT_EQ(ledger.states(1)[0].attempts, 1);
  { const auto dropped = ledger.claim(0); }
  const auto attempts = ledger.attempts_of(0);
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].state, "requeued");
  EXPECT_EQ(attempts[1].state, "lost");
}

TEST_F(LedgerFiles, ADeadOwnerCountsAsLostAndThreeInARowAsFailed) {
  Ledger ledger(folder_, 3);
  die_with(folder_, 4, 3);
  EXPECT_EQ(ledger.states(5)[4].state, JobState::kRunning);
  EXPECT_FALSE(ledger.owner_of(4)->alive);
  die_with(folder_, 4, 3);
  auto claim = ledger.claim(4);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->attempt(), 3);
  EXPECT_EQ(claim->lost_before(), 2);
  claim->put_back();
  die_with(folder_, 4, 3);
  EXPECT_FALSE(ledger.claim(4));
  EXPECT_EQ(ledger.states(5)[4].state, JobState::kFailed);
  EXPECT_NE(ledger.end_of(4)->error.find("died 3 times in a row"), std::string::npos);
  // A retry starts counting anew.
  ledger.retry(4);
  EXPECT_EQ(ledger.claim(4)->lost_before(), 0);
}

TEST_F(LedgerFiles, ACompleteRunWhoseOwnerDiedBeforeSayingSoIsDone) {
  Ledger ledger(folder_);
  die_with(folder_, 0, 3);
  core::make_directories(directory_ / "0");
  EXPECT_FALSE(ledger.claim(0));
  EXPECT_EQ(ledger.states(1)[0].state, JobState::kDone);
}

TEST_F(LedgerFiles, TheFirstReasonToStopStays) {
  Ledger ledger(folder_);
  EXPECT_FALSE(ledger.stopped());
  ledger.stop("job 3 failed");
  ledger.stop("something else");
  EXPECT_EQ(ledger.stopped(), "job 3 failed");
  ledger.go_on();
  EXPECT_FALSE(ledger.stopped());
}

TEST_F(LedgerFiles, NothingIsLeftBehind) {
  Ledger ledger(folder_);
  ledger.claim(0)->done(1);
  ledger.claim(1)->failed("x", 1);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"0.done", "1.attempt.1", "1.failed"}));
}

TEST(JobLists, AreNumbersAndRanges) {
  EXPECT_EQ(parse_job_list("3,4,9-12", 13), (std::vector<std::size_t>{3, 4, 9, 10, 11, 12}));
  EXPECT_EQ(parse_job_list("0", 1), std::vector<std::size_t>{0});
  for (const char* bad : {"", "a", "3-", "-3", "4-3", "1,,2", "13", "1 2"}) {
    test::expect_error<core::ConfigError>([&] { parse_job_list(bad, 13); }, {"--jobs"});
  }
}

}  // namespace
}  // namespace normadd::sweeps
