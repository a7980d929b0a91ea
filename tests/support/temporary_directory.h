// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace normadd::test {

/// A fresh directory, removed with everything in it at the end of the scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A file kept under tests/golden.
inline std::filesystem::path golden(const std::filesystem::path& name) {
  return std::filesystem::path(NORMADD_GOLDEN_DIR) / name;
}

}  // namespace normadd::test
