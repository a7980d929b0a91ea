// SPDX-License-Identifier: Apache-2.0
#include "core/file_hash_memory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

namespace fs = std::filesystem;

/// A change time cannot be set: files have to grow old by themselves.
void wait_until_old(const fs::path& file) {
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  while (std::time(nullptr) - status.st_ctim.tv_sec < 3) ::usleep(50'000);
}

/// Changes the remembered hash of the only file, so that one can see where an answer comes from.
void forge(const fs::path& memory, char letter) {
  std::string text = read_file(memory);
  const auto line = text.find('\n') + 1;
  text.replace(line, 32, std::string(32, letter));
  write_file_atomically(memory, text);
}

class FileHashMemoryTest : public ::testing::Test {
 protected:
  FileHashMemoryTest() { write_file_atomically(picture_, "picture"); }
  test::TemporaryDirectory directory_;
  fs::path picture_ = directory_ / "a picture.png", file_ = directory_ / "memory";
};

TEST_F(FileHashMemoryTest, AFileThatDidNotChangeIsNotReadAgain) {
  wait_until_old(picture_);
  const std::string hash = xxh128_hex_of_file(picture_);
  EXPECT_EQ(FileHashMemory(file_).xxh128(picture_), hash);
  forge(file_, 'f');
  EXPECT_EQ(FileHashMemory(file_).xxh128(picture_), std::string(32, 'f'));
  // By whatever path.
  fs::create_symlink(directory_.path(), directory_ / "link");
  EXPECT_EQ(FileHashMemory(file_).xxh128(directory_ / "link/a picture.png"), std::string(32, 'f'));
  // Same size, same modification time, other contents.
  struct stat status {};
  ASSERT_EQ(::stat(picture_.c_str(), &status), 0);
  const int descriptor = ::open(picture_.c_str(), O_WRONLY);
  ASSERT_EQ(::write(descriptor, "PICTURE", 7), 7);
  const timespec times[2] = {status.st_atim, status.st_mtim};
  ASSERT_EQ(::futimens(descriptor, times), 0);
  ::close(descriptor);
  EXPECT_EQ(FileHashMemory(file_).xxh128(picture_), xxh128_hex("PICTURE"));
}

TEST_F(FileHashMemoryTest, AFreshFileIsNotRemembered) {
  EXPECT_EQ(FileHashMemory(file_).xxh128(picture_), xxh128_hex("picture"));
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(FileHashMemoryTest, WhatOthersAddStays) {
  write_file_atomically(directory_ / "other.png", "other");
  wait_until_old(directory_ / "other.png");
  FileHashMemory first(file_), second(file_);
  first.xxh128(picture_);
  second.xxh128(directory_ / "other.png");
  first.save();
  second.save();
  const std::string text = read_file(file_);
  EXPECT_NE(text.find("a picture.png"), std::string::npos);
  EXPECT_NE(text.find("other.png"), std::string::npos);
}

TEST_F(FileHashMemoryTest, ADamagedMemoryIsNone) {
  wait_until_old(picture_);
  for (const char* damage : {"", "normadd file hashes 1\nnonsense", "normadd file hashes 2\n", "\n\n\n"}) {
    write_file_atomically(file_, damage);
    EXPECT_EQ(FileHashMemory(file_).xxh128(picture_), xxh128_hex("picture")) << damage;
  }
  EXPECT_THROW(FileHashMemory(file_).xxh128(directory_ / "gone.png"), DataError);
  EXPECT_THROW(FileHashMemory("").xxh128(directory_.path()), DataError);
}

TEST_F(FileHashMemoryTest, OneIsInUseAtATime) {
  EXPECT_EQ(FileHashMemory::current(), nullptr);
  FileHashMemory outer(""), inner("");
  {
    const FileHashMemory::InUse use(outer);
    {
      const FileHashMemory::InUse nested(inner);
      EXPECT_EQ(FileHashMemory::current(), &inner);
    }
    EXPECT_EQ(FileHashMemory::current(), &outer);
  }
  EXPECT_EQ(FileHashMemory::current(), nullptr);
}

}  // namespace
}  // namespace normadd::core
