// SPDX-License-Identifier: Apache-2.0
// <target>.partial: what has come of a file so far, kept across interruptions and held by one process at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace normadd::http {

class PartialFile {
 public:
  /// Opens or makes it, with its folder. Throws OutputError when that fails or another process holds it.
  explicit PartialFile(std::filesystem::path target);
  /// Keeps the file when it has bytes, else removes it.
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// The ETag of the version that the bytes are a part of; empty = not known.
  const std::string& version() const { return version_; }

  /// Forgets all bytes; what follows belongs to this version.
  void restart(const std::string& version);
  /// Throws OutputError, keeping what is there.
  void append(const char* bytes, std::size_t size);
  /// Throws OutputError when the disk has not so many bytes free.
  void expect_room_for(std::uint64_t bytes) const;
  /// Of all bytes. Throws DataError.
  std::string sha256() const;
  /// Syncs and renames to the target.
  void commit();
  void discard();

 private:
  [[noreturn]] void fail(const char* action, int error_number) const;
  std::filesystem::path version_path() const;

  std::filesystem::path target_, path_;
  std::string version_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace normadd::http
