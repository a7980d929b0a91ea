// SPDX-License-Identifier: Apache-2.0
// Hashes of many files, remembered from process to process by what the file system says of them, as git does: a dataset
// of gigabytes is read once, not by each task of a cluster's array.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace normadd::core {

class FileHashMemory {
 public:
  /// file: where the memory lies; it is read now and written by save(). An empty path remembers within this process
  /// only. A damaged file is as good as none.
  explicit FileHashMemory(std::filesystem::path file);
  ~FileHashMemory();
  FileHashMemory(const FileHashMemory&) = delete;
  FileHashMemory& operator=(const FileHashMemory&) = delete;

  /// xxh128 of the file's contents, as hex. Computed unless path, size, inode, modification and change time are those
  /// of a remembered one. Files that changed within the last seconds are not remembered: another change might not show
  /// in their times. May be called by several threads. Throws DataError when the file cannot be read.
  std::string xxh128(const std::filesystem::path& file);

  /// Adds what is new to the memory's file; what others have added meanwhile stays. A folder that cannot be written
  /// costs only time.
  void save() noexcept;

  /// While it lives, current() of this thread is the memory.
  class InUse {
   public:
    explicit InUse(FileHashMemory& memory);
    ~InUse();
    InUse(const InUse&) = delete;
    InUse& operator=(const InUse&) = delete;

   private:
    FileHashMemory* before_;
  };
  /// Null when none is in use.
  static FileHashMemory* current();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normadd::core
