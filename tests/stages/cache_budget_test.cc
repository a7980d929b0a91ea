// SPDX-License-Identifier: Apache-2.0
#include "stages/cache_budget.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>
#include <set>

#include "core/atomic_file.h"
#include "stages/entry_file.h"
#include "stages/entry_listing.h"
#include "support/temporary_directory.h"

namespace normadd::stages {
namespace {

namespace fs = std::filesystem;

StageEntry entry_of(const std::string& name, double seconds, std::uint64_t bytes, double idle_seconds) {
  StageEntry entry;
  entry.hash = name;
  entry.seconds = seconds;
  entry.bytes = bytes;
  entry.idle_seconds = idle_seconds;
  return entry;
}

std::vector<std::string> names(const std::vector<StageEntry>& entries) {
  std::vector<std::string> result;
  for (const auto& entry : entries) result.push_back(entry.hash);
  return result;
}

using Strings = std::vector<std::string>;
constexpr std::chrono::seconds kMinute{60};

TEST(EntriesToEvict, TheCheapestToRecomputePerByteGoFirst) {
  const std::vector<StageEntry> entries{entry_of("dear", 100, 100, 999), entry_of("cheap", 1, 100, 99),
                                        entry_of("middle", 10, 100, 99)};
  EXPECT_EQ(names(entries_to_evict(entries, 200, kMinute)), (Strings{"cheap"}));
  EXPECT_EQ(names(entries_to_evict(entries, 150, kMinute)), (Strings{"cheap", "middle"}));
  EXPECT_TRUE(entries_to_evict(entries, 300, kMinute).empty());
}

TEST(EntriesToEvict, OfEqualOnesTheLongestIdle) {
  EXPECT_EQ(names(entries_to_evict({entry_of("a", 1, 10, 100), entry_of("b", 1, 10, 300), entry_of("c", 1, 10, 200)},
                                   10, kMinute)),
            (Strings{"b", "c"}));
}

TEST(EntriesToEvict, WhatIsInUseStays) {
  EXPECT_EQ(names(entries_to_evict({entry_of("used", 1, 100, 5), entry_of("idle", 99, 100, 500)}, 0, kMinute)),
            (Strings{"idle"}));
}

TEST(EntriesToEvict, AsABruteForceTwinChooses) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<StageEntry> entries;
    const int count = 1 + static_cast<int>(random() % 12);
    std::uint64_t sum = 0;
    for (int i = 0; i < count; ++i) {
      entries.push_back(entry_of(fmt::format("{:02}", i), 1.0 + random() % 50, 1 + random() % 100, random() % 200));
      sum += entries.back().bytes;
    }
    const std::uint64_t limit = random() % (sum + 1);
    // One by one: look for the worst that may go until the rest fits.
    std::set<std::string> gone;
    std::uint64_t left = sum;
    while (left > limit) {
      const StageEntry* worst = nullptr;
      for (const auto& entry : entries) {
        if (gone.contains(entry.hash) || entry.idle_seconds < 60) continue;
        if (worst == nullptr) worst = &entry;
        const double a = entry.seconds * static_cast<double>(worst->bytes);
        const double b = worst->seconds * static_cast<double>(entry.bytes);
        if (a < b || (a == b && entry.idle_seconds > worst->idle_seconds)) worst = &entry;
      }
      if (worst == nullptr) break;
      gone.insert(worst->hash);
      left -= worst->bytes;
    }
    const auto found = names(entries_to_evict(entries, limit, kMinute));
    EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), gone.size()) << trial;
  }
}

class CacheBudgetTest : public ::testing::Test {
 protected:
  /// An entry of the given size, last used ten minutes and more ago.
  void add(int number, double seconds, std::size_t bytes, int idle_minutes) {
    StageCache cache({root_, std::nullopt, {}});
    cache.obtain(
        StageKey("stage", 1).with("number", std::to_string(number)),
        [&](const fs::path& folder) { core::write_file_atomically(folder / "file", std::string(bytes, 'x')); },
        [](const fs::path&) {});
    const fs::path folder = folder_of(number);
    auto entry = *read_entry(folder);
    entry.seconds = seconds;
    core::write_file_atomically(folder / kEntryFile, to_json(entry));
    timespec times[2]{};
    times[1].tv_sec = ::time(nullptr) - 60L * idle_minutes;
    ASSERT_EQ(::utimensat(AT_FDCWD, (folder / kEntryFile).c_str(), times, 0), 0);
  }
  fs::path folder_of(int number) const {
    const std::string hash = StageKey("stage", 1).with("number", std::to_string(number)).hash();
    return root_ / "stage" / hash.substr(0, 2) / hash;
  }

  const test::TemporaryDirectory directory_;
  const fs::path root_ = directory_ / "cache";
};

TEST_F(CacheBudgetTest, ASumThatPassesTheLimitEvicts) {
  add(1, 100, 1000, 20);
  add(2, 1, 1000, 20);
  add(3, 50, 1000, 20);
  add(4, 0.1, 1000, 1);  // worth nothing, but in use
  keep_within_budget(root_, 5e-6, 4000);
  EXPECT_TRUE(fs::exists(folder_of(2)));
  keep_within_budget(root_, 3.5e-6, 0);
  EXPECT_TRUE(fs::exists(folder_of(1)));
  EXPECT_FALSE(fs::exists(folder_of(2)));
  EXPECT_TRUE(fs::exists(folder_of(3)));
  EXPECT_TRUE(fs::exists(folder_of(4)));
  EXPECT_EQ(recount(root_), 3000u);
}

TEST_F(CacheBudgetTest, WhatCannotBeCountedNowIsCountedNext) {
  keep_within_budget(root_, 1.0, 0);
  {
    const auto other = core::Lease::try_acquire(root_ / "leases" / "bytes");
    keep_within_budget(root_, 1.0, 70);
  }
  keep_within_budget(root_, 1.0, 5);
  EXPECT_EQ(core::read_file(root_ / "bytes"), "75\n");
}

TEST_F(CacheBudgetTest, ALostOrDamagedSumIsCountedAnew) {
  add(1, 1, 1000, 20);
  keep_within_budget(root_, 1.0, 1000);
  core::write_file_atomically(root_ / "bytes", "many");
  keep_within_budget(root_, 1.0, 0);
  EXPECT_EQ(core::read_file(root_ / "bytes"), "1000\n");
}

TEST_F(CacheBudgetTest, ADamagedEntryIsListedAndWorthNothing) {
  add(1, 100, 1000, 20);
  core::write_file_atomically(folder_of(1) / kEntryFile, "{");
  const auto entries = list_entries(root_);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].seconds, 0);
  EXPECT_GE(entries[0].bytes, 1000u);
}

TEST(StageHistory, MediansByLabelAndOverAll) {
  std::vector<StageEntry> entries;
  for (const double seconds : {1.0, 3.0, 8.0}) {
    entries.push_back(entry_of("x", seconds, 10, 0));
    entries.back().stage = "fit";
    entries.back().label = seconds < 5 ? "padim" : "patchcore";
  }
  const auto history = history_of(entries);
  EXPECT_EQ(history.at({"fit", ""}).seconds, 3.0);
  EXPECT_EQ(history.at({"fit", "patchcore"}).seconds, 8.0);
}

}  // namespace
}  // namespace normadd::stages
