// SPDX-License-Identifier: Apache-2.0
// Owners that are killed between recording how a job ended and giving back its lease.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <fstream>
#include <string>

#include "support/temporary_directory.h"
#include "sweeps/ledger.h"

namespace normadd::sweeps {
namespace {

/// A process claims job 0, leaves a record of that name and is killed.
void end_and_be_killed(const std::filesystem::path& ledger, const std::string& record) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto claim = Ledger(ledger).claim(0);
    std::ofstream(ledger / record) << R"({"state":"failed","error":"no such file","attempt":1})"
                                   << "\n";
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(LedgerKills, AFailedJobIsFailedBesideItsDeadOwnersLease) {
  const test::TemporaryDirectory directory;
  const auto folder = directory / "ledger";
  std::filesystem::create_directories(folder);
  end_and_be_killed(folder, "0.failed");
  ASSERT_TRUE(std::filesystem::exists(folder / "0.running"));
  const Ledger ledger(folder);
  EXPECT_EQ(ledger.states(1)[0].state, JobState::kFailed);
}

TEST(LedgerKills, TheLeaseOfAnEndedJobIsClearedAway) {
  for (const std::string record : {"0.failed", "0.done"}) {
    const test::TemporaryDirectory directory;
    const auto folder = directory / "ledger";
    std::filesystem::create_directories(folder);
    end_and_be_killed(folder, record);
    Ledger ledger(folder);
    EXPECT_FALSE(ledger.claim(0).has_value());
    EXPECT_FALSE(std::filesystem::exists(folder / "0.running")) << record;
    EXPECT_TRUE(std::filesystem::exists(folder / record));
  }
}

}  // namespace
}  // namespace normadd::sweeps
