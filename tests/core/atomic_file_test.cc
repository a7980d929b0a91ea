// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "core/error.h"
#include "support/expect_error.h"
#include "support/small_disk.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

std::size_t num_entries(const std::filesystem::path& directory) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory)) ++count;
  return count;
}

/// Gives root's powers up until the end of the scope, so that permissions count.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) is_possible_ = false;
  }
  ~OrdinaryUser() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  bool is_possible() const { return is_possible_; }

 private:
  bool was_root_;
  bool is_possible_ = true;
};

TEST(AtomicFile, WritesMakesParentsAndReplaces) {
  test::TemporaryDirectory directory;
  const auto path = directory / "a/b/file.txt";
  write_file_atomically(path, "first");
  EXPECT_EQ(read_file(path), "first");
  write_file_atomically(path, std::string("with\0zero", 9));
  EXPECT_EQ(read_file(path), std::string("with\0zero", 9));
  EXPECT_EQ(num_entries(directory / "a/b"), 1u);
}

TEST(AtomicFile, WithoutCommitNothingChanges) {
  test::TemporaryDirectory directory;
  const auto path = directory / "file.txt";
  write_file_atomically(path, "old");
  {
    AtomicFile file(path);
    file.append("new");
    EXPECT_EQ(read_file(path), "old");
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(num_entries(directory.path()), 1u);
}

TEST(AtomicFile, TwoWritersOfOneFileDoNotDisturbEachOther) {
  test::TemporaryDirectory directory;
  const auto path = directory / "file.txt";
  AtomicFile first(path);
  AtomicFile second(path);
  first.append("first");
  second.append("second");
  first.commit();
  second.commit();
  EXPECT_EQ(read_file(path), "second");
  EXPECT_EQ(num_entries(directory.path()), 1u);
}

TEST(AtomicFile, LeftoversOfAKilledProcessAreNoObstacle) {
  test::TemporaryDirectory directory;
  // Whatever a process with this number may have left, under any of the first names.
  for (int i = 0; i < 50; ++i) {
    write_file_atomically(directory / ("file.txt." + std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp"),
                          "");
  }
  write_file_atomically(directory / "file.txt", "whole");
  EXPECT_EQ(read_file(directory / "file.txt"), "whole");
}

TEST(AtomicFile, TargetThatCannotBeReplacedIsAnOutputError) {
  test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "target/inside");
  test::expect_error<OutputError>([&] { write_file_atomically(directory / "target", "x"); }, {"target"});
  EXPECT_EQ(num_entries(directory.path()), 1u);
  write_file_atomically(directory / "plain", "x");
  test::expect_error<OutputError>([&] { write_file_atomically(directory / "plain/below", "x"); }, {"plain"});
}

TEST(AtomicFile, UnwritableDirectoryIsAnOutputError) {
  test::TemporaryDirectory directory;
  const auto locked = directory / "locked";
  std::filesystem::create_directory(locked);
  std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(locked, std::filesystem::perms(0555));
  {
    const OrdinaryUser user;
    if (!user.is_possible()) GTEST_SKIP() << "root's powers cannot be given up here";
    test::expect_error<OutputError>([&] { write_file_atomically(locked / "file.txt", "x"); },
                                    {"locked/file.txt", "Permission denied", "not writable"});
    test::expect_error<OutputError>([&] { make_directories(locked / "below"); }, {"locked/below", "not writable"});
  }
  EXPECT_EQ(num_entries(locked), 0u);
  std::filesystem::permissions(locked, std::filesystem::perms::owner_all);
}

TEST(AtomicFile, FullDiskKeepsTheOldFileAndLeavesNothing) {
  test::TemporaryDirectory directory;
  const test::SmallDisk disk(directory / "disk", "64k");
  if (disk.error() != 0) GTEST_SKIP() << "a small file system needs root: " << std::strerror(disk.error());
  const auto path = directory / "disk/file.bin";
  write_file_atomically(path, "old");
  test::expect_error<OutputError>([&] { write_file_atomically(path, std::string(1 << 20, 'x')); },
                                  {"disk/file.bin", "No space left", "free some space"});
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(num_entries(directory / "disk"), 1u);
}

TEST(Directories, NewOnesMustBeNew) {
  test::TemporaryDirectory directory;
  make_new_directory(directory / "a/b");
  EXPECT_TRUE(std::filesystem::is_directory(directory / "a/b"));
  test::expect_error<OutputError>([&] { make_new_directory(directory / "a/b"); }, {"a/b", "exists already"});
  EXPECT_NO_THROW(make_directories(directory / "a/b"));
}

TEST(ReadFile, MissingFileAndDirectoryAreDataErrors) {
  test::TemporaryDirectory directory;
  test::expect_error<DataError>([&] { read_file(directory / "none"); }, {"none", "cannot read"});
  test::expect_error<DataError>([&] { read_file(directory.path()); }, {"cannot read"});
  // Reading its own unmapped memory fails after the file was opened.
  test::expect_error<DataError>([&] { read_file("/proc/self/mem"); }, {"failed half way"});
  write_file_atomically(directory / "empty", "");
  EXPECT_EQ(read_file(directory / "empty"), "");
}

}  // namespace
}  // namespace normadd::core
