// SPDX-License-Identifier: Apache-2.0
// Vectors: FIPS 180-2 (SHA-256); xxhsum 0.8 (XXH128).
#include "core/hashing.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

TEST(Sha256, KnownVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Xxh128, KnownVectors) {
  EXPECT_EQ(xxh128_hex(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(xxh128_hex("abc"), "06b05ab6733a618578af5f94892f3950");
}

TEST(Hashing, FilesHashLikeTheirBytes) {
  test::TemporaryDirectory directory;
  // Longer than the block that is read at a time, and no multiple of it.
  std::string bytes(2'500'001, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 97) bytes[i] = static_cast<char>(i);
  write_file_atomically(directory / "file", bytes);
  EXPECT_EQ(sha256_hex_of_file(directory / "file"), sha256_hex(bytes));
  EXPECT_EQ(xxh128_hex_of_file(directory / "file"), xxh128_hex(bytes));
  write_file_atomically(directory / "empty", "");
  EXPECT_EQ(sha256_hex_of_file(directory / "empty"), sha256_hex(""));
  test::expect_error<DataError>([&] { sha256_hex_of_file(directory / "none"); }, {"none"});
  test::expect_error<DataError>([&] { xxh128_hex_of_file(directory.path()); }, {"cannot read"});
}

}  // namespace
}  // namespace normadd::core
