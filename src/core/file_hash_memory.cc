// SPDX-License-Identifier: Apache-2.0
#include "core/file_hash_memory.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <ctime>
#include <exception>
#include <mutex>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "core/atomic_file.h"
#include "core/hashing.h"

namespace normadd::core {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFirstLine = "normadd file hashes 1";
constexpr std::size_t kDigits = 32;
/// Of a million files, a hundred megabytes: beyond that the memory begins anew.
constexpr std::size_t kMostFiles = 1'000'000;

/// By canonical path: "XXH128 SIZE INODE MODIFIED CHANGED", without the hash in a stamp.
using Lines = std::unordered_map<std::string, std::string>;

/// What changes when a file's contents do; the change time cannot be set by hand. Nothing when it is too fresh to tell.
std::optional<std::string> stamp_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  // Coarser than any file system's clock, and wide enough for clocks of servers that differ a little.
  constexpr std::time_t kTooFresh = 3;
  if (std::time(nullptr) - std::max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) < kTooFresh) return std::nullopt;
  return fmt::format("{} {} {}.{:09} {}.{:09}", status.st_size, status.st_ino, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

/// Each line: the hash and stamp, a tab, the path.
Lines read_lines(const fs::path& file) {
  Lines lines;
  std::error_code error;
  if (file.empty() || !fs::is_regular_file(file, error)) return lines;
  std::istringstream stream(read_file(file));
  std::string line;
  if (!std::getline(stream, line) || line != kFirstLine) return lines;
  while (std::getline(stream, line)) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos || tab <= kDigits) return {};
    lines[line.substr(tab + 1)] = line.substr(0, tab);
  }
  return lines;
}

thread_local FileHashMemory* in_use = nullptr;

}  // namespace

struct FileHashMemory::State {
  fs::path file;
  std::mutex mutex;
  Lines known, added;
};

FileHashMemory::FileHashMemory(fs::path file) : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  try {
    state_->known = read_lines(state_->file);
  } catch (const std::exception&) {
    // Unreadable: the files themselves tell.
  }
}

FileHashMemory::~FileHashMemory() { save(); }

std::string FileHashMemory::xxh128(const fs::path& file) {
  std::error_code error;
  const std::string path = fs::canonical(file, error).string();
  const auto stamp = error || path.find('\n') != std::string::npos ? std::nullopt : stamp_of(path);
  if (!stamp) return xxh128_hex_of_file(file);
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->known.find(path);
    if (found != state_->known.end() && found->second.substr(kDigits) == " " + *stamp)
      return found->second.substr(0, kDigits);
  }
  std::string hash = xxh128_hex_of_file(path);
  // Written to while it was read: of no lasting use.
  if (stamp_of(path) == stamp) {
    const std::lock_guard lock(state_->mutex);
    state_->known[path] = state_->added[path] = fmt::format("{} {}", hash, *stamp);
  }
  return hash;
}

void FileHashMemory::save() noexcept {
  try {
    const std::lock_guard lock(state_->mutex);
    if (state_->file.empty() || state_->added.empty()) return;
    Lines lines = read_lines(state_->file);
    if (lines.size() + state_->added.size() > kMostFiles) lines.clear();
    for (auto& [path, line] : state_->added) lines[path] = line;
    std::string text = fmt::format("{}\n", kFirstLine);
    for (const auto& [path, line] : lines) text += fmt::format("{}\t{}\n", line, path);
    write_file_atomically(state_->file, text);
    state_->added.clear();
  } catch (...) {
    // The next process computes them again.
  }
}

FileHashMemory::InUse::InUse(FileHashMemory& memory) : before_(in_use) { in_use = &memory; }
FileHashMemory::InUse::~InUse() { in_use = before_; }

FileHashMemory* FileHashMemory::current() { return in_use; }

}  // namespace normadd::core
