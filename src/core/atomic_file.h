// SPDX-License-Identifier: Apache-2.0
// Files that exist whole or not at all: written under a temporary name beside the target, synced, renamed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace normadd::core {

/// Writes text to path atomically, making parent directories. Throws OutputError naming the path when the directory
/// cannot be made or written, or the disk is full; the old file, if any, then stays and no temporary file remains.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Same, for content produced by a callback that writes in pieces through append().
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Removes the temporary file unless commit() succeeded.
  ~AtomicFile();

  void append(const void* bytes, std::size_t size);
  void append(std::string_view text) { append(text.data(), text.size()); }
  /// Syncs to disk and renames over the target. Throws OutputError.
  void commit();

 private:
  [[noreturn]] void fail(const char* action);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// While one exists, this thread's files are renamed without being synced: for many files in a private folder that
/// becomes visible by one rename, after sync_file_system().
class UnsyncedWrites {
 public:
  UnsyncedWrites();
  ~UnsyncedWrites();
  UnsyncedWrites(const UnsyncedWrites&) = delete;
  UnsyncedWrites& operator=(const UnsyncedWrites&) = delete;
};

/// Brings everything written to the file system of this path to its disk. Throws OutputError.
void sync_file_system(const std::filesystem::path& path);

/// The whole file. Throws DataError naming the path when it is missing or unreadable.
std::string read_file(const std::filesystem::path& path);

/// Makes a directory that did not exist before, with its parents; an existing one is an OutputError.
void make_new_directory(const std::filesystem::path& path);

/// Makes a directory and its parents, existing ones included. Throws OutputError.
void make_directories(const std::filesystem::path& path);

}  // namespace normadd::core
