// SPDX-License-Identifier: Apache-2.0
#include "core/lease.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/process_identity.h"
#include "support/child_process.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

template <typename Condition>
bool becomes_true(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

/// The child's leases appear when it has written this file.
int hold_until_killed(const fs::path& lease, LeaseTimes times) {
  const auto held = Lease::try_acquire(lease, "child", times);
  if (!held) return 1;
  write_file_atomically(lease.parent_path() / "is_held", "");
  for (;;) ::pause();
}

void set_modified(const fs::path& file, std::chrono::seconds from_now) {
  timespec times[2]{};
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

std::size_t num_files(const fs::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) ++count;
  return count;
}

class LeaseTest : public ::testing::Test {
 protected:
  const test::TemporaryDirectory directory_;
  const fs::path lease_ = directory_ / "leases" / "work";
};

TEST_F(LeaseTest, OneOwnerAtATime) {
  auto first = Lease::try_acquire(lease_, "attempt 2");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->held());
  EXPECT_FALSE(Lease::try_acquire(lease_));
  const auto owner = Lease::owner(lease_);
  ASSERT_TRUE(owner);
  EXPECT_TRUE(owner->alive);
  EXPECT_EQ(owner->process, ::getpid());
  EXPECT_EQ(owner->note, "attempt 2");
  first->release();
  EXPECT_FALSE(Lease::owner(lease_));
  EXPECT_TRUE(Lease::try_acquire(lease_));
}

TEST_F(LeaseTest, NothingIsLeftBehind) {
  {
    const auto first = Lease::try_acquire(lease_);
    EXPECT_FALSE(Lease::try_acquire(lease_));
    Lease::owner(lease_);
    EXPECT_EQ(num_files(lease_.parent_path()), 1u);
  }
  EXPECT_EQ(num_files(lease_.parent_path()), 0u);
}

TEST_F(LeaseTest, AKilledOwnerIsFollowedAtOnce) {
  test::ChildProcess child([&] { return hold_until_killed(lease_, {}); });
  ASSERT_TRUE(becomes_true([&] { return fs::exists(lease_.parent_path() / "is_held"); }));
  EXPECT_FALSE(Lease::try_acquire(lease_));
  child.kill(SIGKILL);
  child.wait();
  const auto owner = Lease::owner(lease_);
  ASSERT_TRUE(owner);
  EXPECT_FALSE(owner->alive);
  const auto taken = Lease::try_acquire(lease_);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->held());
}

TEST_F(LeaseTest, AZombieIsDead) {
  test::ChildProcess child([&] { return hold_until_killed(lease_, {}); });
  ASSERT_TRUE(becomes_true([&] { return fs::exists(lease_.parent_path() / "is_held"); }));
  child.kill(SIGKILL);
  // Nobody has waited for it yet.
  EXPECT_TRUE(becomes_true([&] { return !Lease::owner(lease_)->alive; }));
}

TEST_F(LeaseTest, AStoppedOwnerLosesItAfterAWhile) {
  const LeaseTimes times{50ms, 400ms};
  test::ChildProcess child([&] { return hold_until_killed(lease_, times); });
  ASSERT_TRUE(becomes_true([&] { return fs::exists(lease_.parent_path() / "is_held"); }));
  // Longer than the lease lasts: its heartbeat keeps it.
  std::this_thread::sleep_for(800ms);
  EXPECT_FALSE(Lease::try_acquire(lease_, "", times));
  child.kill(SIGSTOP);
  std::optional<Lease> taken;
  ASSERT_TRUE(becomes_true([&] {
    taken = Lease::try_acquire(lease_, "successor", times);
    return taken.has_value();
  }));
  // When it goes on, its heartbeat keeps nothing alive any more.
  child.kill(SIGCONT);
  std::this_thread::sleep_for(200ms);
  EXPECT_TRUE(taken->held());
  EXPECT_EQ(Lease::owner(lease_)->note, "successor");
}

TEST_F(LeaseTest, AnOwnerThatWasFollowedKnowsAndKeepsItsHandsOff) {
  auto first = Lease::try_acquire(lease_, "first");
  fs::remove(lease_);
  const auto second = Lease::try_acquire(lease_, "second");
  ASSERT_TRUE(second);
  EXPECT_FALSE(first->held());
  first->release();
  EXPECT_TRUE(second->held());
}

TEST_F(LeaseTest, OwnersOfOtherMachinesLiveByTheirHeartbeat) {
  make_directories(lease_.parent_path());
  write_file_atomically(lease_,
                        R"({"host": "elsewhere", "machine": "00000000", "process": 1, "start": 1, "note": ""})");
  EXPECT_TRUE(Lease::owner(lease_)->alive);
  EXPECT_FALSE(Lease::try_acquire(lease_));
  set_modified(lease_, -2min);
  EXPECT_FALSE(Lease::owner(lease_)->alive);
  EXPECT_TRUE(Lease::try_acquire(lease_));
}

TEST_F(LeaseTest, ATimeFarInTheFutureIsNoHeartbeat) {
  make_directories(lease_.parent_path());
  write_file_atomically(lease_,
                        R"({"host": "elsewhere", "machine": "00000000", "process": 1, "start": 1, "note": ""})");
  set_modified(lease_, 24h);
  EXPECT_TRUE(Lease::try_acquire(lease_));
}

TEST_F(LeaseTest, ADamagedLeaseLastsAsLongAsAnyOther) {
  make_directories(lease_.parent_path());
  write_file_atomically(lease_, "");
  EXPECT_FALSE(Lease::try_acquire(lease_));
  set_modified(lease_, -2min);
  EXPECT_TRUE(Lease::try_acquire(lease_));
}

TEST_F(LeaseTest, ALeaseWithValuesOfOtherKindsIsADamagedOne) {
  make_directories(lease_.parent_path());
  write_file_atomically(lease_, R"({"process": "x", "start": []})");
  EXPECT_FALSE(Lease::try_acquire(lease_));
  EXPECT_TRUE(Lease::owner(lease_)->alive);
}

TEST_F(LeaseTest, AForkedChildDoesNotGiveBackItsParents) {
  auto held = Lease::try_acquire(lease_);
  test::ChildProcess child([&] {
    held.reset();
    return 0;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_TRUE(held->held());
}

TEST_F(LeaseTest, ManyProcessesNeverOwnItTogether) {
  const fs::path inside = directory_ / "inside";
  const auto contend = [&] {
    for (int turn = 0; turn < 40; ++turn) {
      std::optional<Lease> lease;
      while (!lease) lease = Lease::try_acquire(lease_);
      // Exclusive creation fails when another process is inside.
      const int descriptor = ::open(inside.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      if (descriptor < 0) return 1;
      ::close(descriptor);
      ::unlink(inside.c_str());
    }
    return 0;
  };
  std::vector<std::unique_ptr<test::ChildProcess>> children;
  for (int i = 0; i < 6; ++i) children.push_back(std::make_unique<test::ChildProcess>(contend));
  for (auto& child : children) EXPECT_EQ(child->wait(), 0);
}

TEST_F(LeaseTest, AFolderThatCannotBeIsAnError) {
  write_file_atomically(directory_ / "file", "");
  test::expect_error<OutputError>([&] { Lease::try_acquire(directory_ / "file" / "lease"); }, {"file"});
}

TEST(ProcessIdentity, PrivateNamesTellTheirOwner) {
  const auto owner = owner_of_private_name(private_name("metrics.csv"));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->process, ::getpid());
  EXPECT_EQ(owner->start, own_identity().start);
  EXPECT_NE(private_name("a"), private_name("a"));
  for (const char* other : {"metrics.csv", ".hidden", ".a.tmp", "a.00000000-1-2-3.tmp", ".a.0000-1-2-3.tmp",
                            ".a.00000000-x-2-3.tmp", ".a.00000000-1-2.tmp"}) {
    EXPECT_FALSE(owner_of_private_name(other)) << other;
  }
}

TEST(ProcessIdentity, PrivateNamesOfLongNamesFitTheFileSystem) {
  std::string longest;
  while (longest.size() < 250) longest += "\xc3\xa9";
  const test::TemporaryDirectory directory;
  write_file_atomically(directory / longest, "x");
  EXPECT_EQ(read_file(directory / longest), "x");
  EXPECT_TRUE(owner_of_private_name(private_name(longest)));
}

TEST(ProcessIdentity, ThisProcessLives) { EXPECT_FALSE(is_known_dead(own_identity())); }

TEST(ProcessIdentity, LeftoversOfTheDeadGoAndOthersStay) {
  const test::TemporaryDirectory directory;
  std::string of_the_dead;
  {
    test::ChildProcess child([&] {
      fs::create_directory(directory / private_name("stage"));
      write_file_atomically(directory / private_name("stage.json"), "half");
      return 0;
    });
    EXPECT_EQ(child.wait(), 0);
  }
  write_file_atomically(directory / private_name("mine"), "");
  write_file_atomically(directory / "result.csv", "");
  const std::string elsewhere = ".theirs.00000000-1-2-3.tmp", old = ".old.00000000-1-2-4.tmp";
  write_file_atomically(directory / elsewhere, "");
  write_file_atomically(directory / old, "");
  set_modified(directory / old, -25h);
  EXPECT_EQ(remove_leftovers(directory.path()), 3u);
  EXPECT_EQ(num_files(directory.path()), 3u);
  EXPECT_TRUE(fs::exists(directory / elsewhere));
  EXPECT_EQ(remove_leftovers(directory / "absent"), 0u);
}

}  // namespace
}  // namespace normadd::core
