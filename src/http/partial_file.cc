// SPDX-License-Identifier: Apache-2.0
#include "http/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"

namespace normadd::http {

PartialFile::PartialFile(std::filesystem::path target) : target_(std::move(target)), path_(target_) {
  path_ += ".partial";
  if (!path_.parent_path().empty()) core::make_directories(path_.parent_path());
  struct stat opened {};
  // Whoever held the file may have renamed or removed it between open and flock: then it is another file by now.
  for (;;) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0644);
    if (descriptor_ < 0) fail("write", errno);
    const int locked = ::flock(descriptor_, LOCK_EX | LOCK_NB);
    if (locked != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      throw core::OutputError("another process is downloading this file", path_.string(),
                              "Wait until it has finished, then run the command again.");
    }
    struct stat named {};
    if (::fstat(descriptor_, &opened) == 0 && ::stat(path_.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
        opened.st_dev == named.st_dev) {
      break;
    }
    ::close(descriptor_);
  }
  size_ = static_cast<std::uint64_t>(opened.st_size);
  std::error_code ignored;
  if (size_ > 0 && std::filesystem::is_regular_file(version_path(), ignored)) {
    version_ = core::read_file(version_path());
  }
}

PartialFile::~PartialFile() {
  if (descriptor_ < 0) return;
  if (size_ == 0) discard();
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::filesystem::path PartialFile::version_path() const {
  auto path = path_;
  path += ".etag";
  return path;
}

void PartialFile::fail(const char* action, int error_number) const {
  std::string hint;
  if (error_number == ENOSPC || error_number == EDQUOT) {
    hint = fmt::format("Free some space and run the command again: the {} bytes that are there are kept.", size_);
  } else if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
    hint = "Choose another folder, or change its permissions.";
  }
  throw core::OutputError(fmt::format("cannot {}: {}", action, std::strerror(error_number)), path_.string(), hint);
}

void PartialFile::restart(const std::string& version) {
  if (size_ > 0 && ::ftruncate(descriptor_, 0) != 0) fail("empty the file", errno);
  size_ = 0;
  version_ = version;
  std::error_code ignored;
  std::filesystem::remove(version_path(), ignored);
  if (!version.empty()) core::write_file_atomically(version_path(), version);
}

void PartialFile::append(const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, bytes, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail("write", errno);
    }
    bytes += written;
    size -= static_cast<std::size_t>(written);
    size_ += static_cast<std::uint64_t>(written);
  }
}

void PartialFile::expect_room_for(std::uint64_t bytes) const {
  std::error_code error;
  const auto space = std::filesystem::space(path_, error);
  // Some file systems do not know how large they are.
  if (error || space.capacity == 0 || space.available >= bytes) return;
  throw core::OutputError(
      fmt::format("{} bytes are still to come, but the disk has {} free", bytes, space.available), path_.string(),
      fmt::format("Free some space and run the command again: the {} bytes that are there are kept.", size_));
}

std::string PartialFile::sha256() const { return core::sha256_hex_of_file(path_); }

void PartialFile::commit() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("write", errno);
  // The lock goes with the descriptor, so the file gets its name first.
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail("give the file its name", errno);
  const int descriptor = descriptor_;
  descriptor_ = -1;
  ::close(descriptor);
  std::error_code ignored;
  std::filesystem::remove(version_path(), ignored);
}

void PartialFile::discard() {
  std::error_code ignored;
  std::filesystem::remove(version_path(), ignored);
  std::filesystem::remove(path_, ignored);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace normadd::http
