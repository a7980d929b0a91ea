// SPDX-License-Identifier: Apache-2.0
// sha256 of large files, computed once: remembered under a folder of ours together with size and times of the file.
#pragma once

#include <filesystem>
#include <string>

namespace normadd::weights {

class FileHashes {
 public:
  /// folder: for the notes; it is made when the first one is written, and a folder that cannot be written costs only
  /// time.
  explicit FileHashes(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Of the file's contents, links followed. A note counts while path, size, inode, modification and change time are
  /// the same. Throws DataError when the file cannot be read.
  std::string sha256(const std::filesystem::path& file) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace normadd::weights
