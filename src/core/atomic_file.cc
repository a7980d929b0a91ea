// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/error.h"
#include "core/process_identity.h"

namespace normadd::core {
namespace {

std::string hint_for(int error_number) {
  if (error_number == ENOSPC || error_number == EDQUOT)
    return "The disk is full: free some space and run the command again.";
  if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
    return "The directory is not writable: choose another place for the output, or change its permissions.";
  }
  return "";
}

[[noreturn]] void fail_output(const std::string& action, const std::filesystem::path& path, int error_number) {
  throw OutputError(fmt::format("cannot {}: {}", action, std::strerror(error_number)), path.string(),
                    hint_for(error_number));
}

thread_local int unsynced = 0;  // how many UnsyncedWrites there are

}  // namespace

UnsyncedWrites::UnsyncedWrites() { ++unsynced; }
UnsyncedWrites::~UnsyncedWrites() { --unsynced; }

void sync_file_system(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = descriptor >= 0 && ::syncfs(descriptor) == 0;
  const int error_number = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!is_synced) fail_output("write", path, error_number);
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  const auto parent = path_.parent_path();
  temporary_ = parent / private_name(path_.filename().string());
  const auto open_new = [&] { return ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644); };
  descriptor_ = open_new();
  if (descriptor_ < 0 && errno == ENOENT && !parent.empty()) {
    make_directories(parent);
    descriptor_ = open_new();
  }
  if (descriptor_ < 0) fail_output("write", path_, errno);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* action) { fail_output(action, path_, errno); }

void AtomicFile::append(const void* bytes, std::size_t size) {
  const char* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, next, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      fail("write");
    }
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (unsynced == 0 && ::fsync(descriptor_) != 0 && errno != EINVAL) fail("write");
  const int descriptor = descriptor_;
  descriptor_ = -1;
  // Some network file systems report a full disk only here.
  if (::close(descriptor) != 0) fail("write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("replace");
  temporary_.clear();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.append(bytes);
  file.commit();
}

std::string read_file(const std::filesystem::path& path) {
  const auto refuse = [&](const char* what, const char* hint) { throw DataError(what, path.string(), hint); };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || S_ISDIR(status.st_mode)) {
    if (descriptor >= 0) ::close(descriptor);
    refuse("cannot read the file", "Check that it exists and is readable.");
  }
  // Pipes and /proc tell no size, and a file may grow: it ends where nothing more comes.
  constexpr std::size_t kLeast = 4096;
  std::string text(std::max(static_cast<std::size_t>(status.st_size) + 1, kLeast), '\0');
  std::size_t size = 0;
  ssize_t count = 0;
  do {
    if (size == text.size()) text.resize(2 * text.size());
    do count = ::read(descriptor, text.data() + size, text.size() - size);
    while (count < 0 && errno == EINTR);
    size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  } while (count > 0);
  ::close(descriptor);
  if (count < 0) refuse("reading the file failed half way", "Check the disk, or copy the file again.");
  text.resize(size);
  return text;
}

void make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail_output("make the directory", path, error.value());
}

void make_new_directory(const std::filesystem::path& path) {
  if (!path.parent_path().empty()) make_directories(path.parent_path());
  std::error_code error;
  if (std::filesystem::create_directory(path, error)) return;
  if (error) fail_output("make the directory", path, error.value());
  throw OutputError("the directory exists already", path.string(), "Choose another, or remove it first.");
}

}  // namespace normadd::core
