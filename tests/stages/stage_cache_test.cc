// SPDX-License-Identifier: Apache-2.0
#include "stages/stage_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/process_identity.h"
#include "stages/entry_file.h"
#include "stages/entry_listing.h"
#include "support/child_process.h"
#include "support/expect_error.h"
#include "support/small_disk.h"
#include "support/temporary_directory.h"

namespace normadd::stages {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

StageKey key_of(int number) { return StageKey("square", 1).with("number", std::to_string(number)).labelled("test"); }

class StageCacheTest : public ::testing::Test {
 protected:
  StageCacheOptions options() const { return {root_, std::nullopt, {}}; }

  /// What the stage gives: from the cache, or computed and counted in made_.
  std::string square(StageCache& cache, int number) {
    std::string result;
    cache.obtain(
        key_of(number),
        [&](const fs::path& folder) {
          ++made_;
          core::write_file_atomically(folder / "square.txt", std::to_string(number * number));
          core::write_file_atomically(folder / "parts" / "more.bin", std::string(5000, 'x'));
        },
        [&](const fs::path& folder) { result = core::read_file(folder / "square.txt"); });
    return result;
  }

  fs::path entry(int number) {
    StageCache cache(options());
    return cache.find(key_of(number))->folder;
  }

  /// Everything below the root that is neither an entry nor the sum of bytes.
  std::vector<std::string> leftovers() const {
    std::vector<std::string> found;
    for (const auto& file : fs::recursive_directory_iterator(root_)) {
      const std::string name = file.path().filename();
      if (core::owner_of_private_name(name) || file.path().parent_path() == root_ / "leases") found.push_back(name);
    }
    return found;
  }

  const test::TemporaryDirectory directory_;
  const fs::path root_ = directory_ / "cache";
  int made_ = 0;
};

TEST_F(StageCacheTest, ComputedOnceThenFound) {
  StageCache cache(options());
  EXPECT_FALSE(cache.contains(key_of(7)));
  EXPECT_EQ(square(cache, 7), "49");
  EXPECT_EQ(square(cache, 7), "49");
  StageCache another(options());
  EXPECT_EQ(square(another, 7), "49");
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(cache.counts().at("square").computed, 1u);
  EXPECT_EQ(cache.counts().at("square").found, 1u);
  EXPECT_EQ(another.counts().at("square").found, 1u);
  const auto found = another.find(key_of(7));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes, 5002u);
  EXPECT_EQ(found->label, "test");
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(StageCacheTest, WithoutARootNothingIsKept) {
  StageCache cache({{}, std::nullopt, {}});
  EXPECT_EQ(square(cache, 3), "9");
  EXPECT_EQ(square(cache, 3), "9");
  EXPECT_EQ(made_, 2);
  EXPECT_FALSE(cache.find(key_of(3)));
}

TEST_F(StageCacheTest, NothingIsKeptOfAFailedStage) {
  StageCache cache(options());
  const auto fail = [&] {
    cache.obtain(
        key_of(1),
        [](const fs::path& folder) {
          core::write_file_atomically(folder / "half", "x");
          throw std::runtime_error("no");
        },
        [](const fs::path&) {});
  };
  EXPECT_THROW(fail(), std::runtime_error);
  EXPECT_FALSE(cache.contains(key_of(1)));
  EXPECT_TRUE(leftovers().empty());
  EXPECT_EQ(square(cache, 1), "1");
}

TEST_F(StageCacheTest, EveryKindOfDamageIsSeenAndComputedAgain) {
  using Damage = std::function<void(const fs::path&)>;
  const auto overwrite = [](const fs::path& file, const std::string& text) { core::write_file_atomically(file, text); };
  const std::vector<std::pair<const char*, Damage>> kinds{
      {"a flipped byte", [&](const fs::path& e) { overwrite(e / "square.txt", "48"); }},
      {"a cut file", [&](const fs::path& e) { fs::resize_file(e / "parts" / "more.bin", 17); }},
      {"a missing file", [&](const fs::path& e) { fs::remove(e / "square.txt"); }},
      {"a missing folder", [&](const fs::path& e) { fs::remove_all(e / "parts"); }},
      {"a file too many", [&](const fs::path& e) { overwrite(e / "other", "x"); }},
      {"an empty entry.json", [&](const fs::path& e) { overwrite(e / kEntryFile, ""); }},
      {"half an entry.json", [&](const fs::path& e) { fs::resize_file(e / kEntryFile, 40); }},
      {"no entry.json", [&](const fs::path& e) { fs::remove(e / kEntryFile); }},
  };
  StageCache cache(options());
  for (const auto& [name, damage] : kinds) {
    SCOPED_TRACE(name);
    square(cache, 7);
    made_ = 0;
    damage(entry(7));
    EXPECT_EQ(square(cache, 7), "49");
    EXPECT_EQ(made_, 1);
    EXPECT_TRUE(damage_of(entry(7)).empty());
    EXPECT_TRUE(leftovers().empty());
  }
}

TEST_F(StageCacheTest, AnEntryThatIsEvictedWhileItIsReadIsMadeAgain) {
  StageCache cache(options());
  square(cache, 7);
  int loads = 0;
  cache.obtain(
      key_of(7),
      [&](const fs::path& folder) {
        ++made_;
        core::write_file_atomically(folder / "square.txt", "49");
      },
      [&](const fs::path& folder) {
        if (++loads == 1) fs::remove_all(folder);
        EXPECT_EQ(core::read_file(folder / "square.txt"), "49");
      });
  EXPECT_EQ(loads, 2);
  EXPECT_EQ(made_, 2);
}

TEST_F(StageCacheTest, AReadersOwnErrorGoesThrough) {
  StageCache cache(options());
  square(cache, 7);
  const auto read = [&] {
    cache.obtain(
        key_of(7), [&](const fs::path&) { ++made_; }, [](const fs::path&) { throw std::logic_error("mine"); });
  };
  EXPECT_THROW(read(), std::logic_error);
  EXPECT_EQ(made_, 1);
  EXPECT_TRUE(cache.contains(key_of(7)));
}

/// Appends a line to a log that many processes share.
void note(const fs::path& file, const std::string& line) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(descriptor, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  ::close(descriptor);
}

TEST_F(StageCacheTest, ManyProcessesComputeEachEntryOnce) {
  const fs::path log = directory_ / "log";
  const auto fill = [&] {
    StageCache cache(options());
    for (int number = 0; number < 12; ++number) {
      std::string result;
      cache.obtain(
          key_of(number),
          [&](const fs::path& folder) {
            note(log, fmt::format("{}\n", number));
            std::this_thread::sleep_for(10ms);
            core::write_file_atomically(folder / "square.txt", std::to_string(number * number));
          },
          [&](const fs::path& folder) { result = core::read_file(folder / "square.txt"); });
      if (result != std::to_string(number * number)) return 1;
    }
    return 0;
  };
  std::vector<std::unique_ptr<test::ChildProcess>> children;
  for (int i = 0; i < 4; ++i) children.push_back(std::make_unique<test::ChildProcess>(fill));
  for (auto& child : children) EXPECT_EQ(child->wait(), 0);
  const std::string lines = core::read_file(log);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 12);
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(StageCacheTest, AWaiterGoesOnWhereAKilledMakerStood) {
  const fs::path is_making = directory_ / "is_making";
  test::ChildProcess maker([&] {
    StageCache cache(options());
    cache.obtain(
        key_of(5),
        [&](const fs::path& folder) {
          core::write_file_atomically(folder / "square.txt", "wrong");
          core::write_file_atomically(is_making, "");
          for (;;) ::pause();
        },
        [](const fs::path&) {});
    return 0;
  });
  while (!fs::exists(is_making)) std::this_thread::sleep_for(5ms);
  std::thread killer([&] {
    std::this_thread::sleep_for(100ms);
    maker.kill(SIGKILL);
    maker.wait();
  });
  StageCache cache(options());
  EXPECT_EQ(square(cache, 5), "25");
  killer.join();
  EXPECT_EQ(made_, 1);
  StageCache next(options());  // clears away what the killed one left
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(StageCacheTest, HundredKillsLeaveOnlyWholeEntries) {
  std::mt19937 random(1);
  for (int kill = 0; kill < 100; ++kill) {
    const fs::path has_begun = directory_ / fmt::format("begun{}", kill);
    test::ChildProcess child([&] {
      StageCache cache(options());
      for (int number = 3 * kill;; number = (number + 1) % 400) {
        square(cache, number);
        if (number == 3 * kill) core::write_file_atomically(has_begun, "");
      }
      return 0;
    });
    while (!fs::exists(has_begun)) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 10000));
    child.kill(SIGKILL);
    child.wait();
  }
  const auto entries = list_entries(root_);
  EXPECT_GE(entries.size(), 100u);
  for (const auto& one : entries) EXPECT_EQ(damage_of(one.folder), "") << one.folder;
  StageCache cache(options());
  for (int number = 0; number < 20; ++number) EXPECT_EQ(square(cache, number), std::to_string(number * number));
  for (const auto& name : leftovers()) EXPECT_FALSE(core::owner_of_private_name(name)) << name;
}

TEST_F(StageCacheTest, AStoppedMakersResultIsThrownAway) {
  StageCacheOptions quick = options();
  quick.lease = {50ms, 300ms};
  const fs::path is_making = directory_ / "is_making", goes_on = directory_ / "goes_on";
  test::ChildProcess maker([&] {
    StageCache cache(quick);
    cache.obtain(
        key_of(5),
        [&](const fs::path& folder) {
          core::write_file_atomically(folder / "square.txt", "25");
          core::write_file_atomically(is_making, "");
          while (!fs::exists(goes_on)) std::this_thread::sleep_for(5ms);
        },
        [](const fs::path& folder) { core::read_file(folder / "square.txt"); });
    return 0;
  });
  while (!fs::exists(is_making)) std::this_thread::sleep_for(5ms);
  maker.kill(SIGSTOP);
  StageCache cache(quick);
  EXPECT_EQ(square(cache, 5), "25");
  maker.kill(SIGCONT);
  core::write_file_atomically(goes_on, "");
  EXPECT_EQ(maker.wait(), 0);
  EXPECT_EQ(damage_of(entry(5)), "");
  EXPECT_TRUE(leftovers().empty());
}

TEST_F(StageCacheTest, AFullDiskIsSaidAndNothingIsLeft) {
  const test::SmallDisk disk(root_, "256k");
  if (disk.error() != 0) GTEST_SKIP() << "no small file system can be mounted here (it needs root)";
  StageCache cache(options());
  square(cache, 2);
  const auto fill = [&] {
    cache.obtain(
        key_of(1),
        [](const fs::path& folder) { core::write_file_atomically(folder / "large", std::string(1 << 20, 'x')); },
        [](const fs::path&) {});
  };
  test::expect_error<core::OutputError>(fill, {"full"});
  EXPECT_TRUE(leftovers().empty());
  EXPECT_FALSE(cache.contains(key_of(1)));
  EXPECT_EQ(square(cache, 2), "4");
  EXPECT_EQ(square(cache, 3), "9");
}

}  // namespace
}  // namespace normadd::stages
