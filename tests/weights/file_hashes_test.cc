// SPDX-License-Identifier: Apache-2.0
#include "weights/file_hashes.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::weights {
namespace {

namespace fs = std::filesystem;

std::size_t notes_in(const fs::path& folder) {
  return fs::exists(folder / "sha256") ? static_cast<std::size_t>(std::distance(
                                             fs::directory_iterator(folder / "sha256"), fs::directory_iterator{}))
                                       : 0;
}

TEST(FileHashes, AreRememberedUntilTheFileChanges) {
  const test::TemporaryDirectory directory;
  const FileHashes hashes(directory / "notes");
  const std::string bytes(3'000'000, 'a');
  const fs::path file = directory / "file";
  core::write_file_atomically(file, bytes);
  EXPECT_EQ(hashes.sha256(file), core::sha256_hex(bytes));
  ASSERT_EQ(notes_in(directory / "notes"), 1u);
  // The note is what answers now: a forged one is believed, as nothing else shows.
  const fs::path note = fs::directory_iterator(directory / "notes/sha256")->path();
  std::string text = core::read_file(note);
  text.replace(text.size() - 64, 64, std::string(64, '0'));
  core::write_file_atomically(note, text);
  EXPECT_EQ(hashes.sha256(file), std::string(64, '0'));
  // A change of the same size, with the old modification time set again, is noticed all the same.
  const auto time = fs::last_write_time(file);
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(1'000'000);
    stream.put('b');
  }
  fs::last_write_time(file, time);
  std::string changed = bytes;
  changed[1'000'000] = 'b';
  EXPECT_EQ(hashes.sha256(file), core::sha256_hex(changed));
}

TEST(FileHashes, LinksAreFollowedAndSmallFilesNotNoted) {
  const test::TemporaryDirectory directory;
  const FileHashes hashes(directory / "notes");
  core::write_file_atomically(directory / "small", "abc");
  EXPECT_EQ(hashes.sha256(directory / "small"), core::sha256_hex("abc"));
  EXPECT_EQ(notes_in(directory / "notes"), 0u);
  core::write_file_atomically(directory / "large", std::string(2'000'000, 'x'));
  fs::create_symlink("large", directory / "link");
  EXPECT_EQ(hashes.sha256(directory / "link"), hashes.sha256(directory / "large"));
  EXPECT_EQ(notes_in(directory / "notes"), 1u);
}

TEST(FileHashes, AFolderThatCannotBeWrittenCostsOnlyTime) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "notes", "a file where the folder should be");
  core::write_file_atomically(directory / "large", std::string(2'000'000, 'x'));
  EXPECT_EQ(FileHashes(directory / "notes").sha256(directory / "large"), core::sha256_hex(std::string(2'000'000, 'x')));
  test::expect_error<core::DataError>([&] { FileHashes(directory / "n").sha256(directory / "none"); }, {"none"});
}

}  // namespace
}  // namespace normadd::weights
