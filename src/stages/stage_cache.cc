// SPDX-License-Identifier: Apache-2.0
#include "stages/stage_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interruption.h"
#include "core/log.h"
#include "core/process_identity.h"
#include "stages/cache_budget.h"
#include "stages/entry_file.h"

namespace normadd::stages {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A folder that only this process knows, gone at the end unless it was moved away.
class PrivateFolder {
 public:
  explicit PrivateFolder(const fs::path& parent) : path_(parent / core::private_name("stage")) {
    core::make_new_directory(path_);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void sync(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  const bool failed = ::fsync(descriptor) != 0 && errno != EINVAL;
  ::close(descriptor);
  if (failed) {
    throw core::OutputError("cannot write to the disk", path.string(),
                            "Free some space, or check the disk, and run the command again.");
  }
}

void sync_all(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) sync(entry.path());
  sync(folder);
}

bool is_writable(const fs::path& root) {
  std::error_code ignored;
  fs::create_directories(root / "tmp", ignored);
  return ::access((root / "tmp").c_str(), W_OK) == 0;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Whether its name is there: says nothing about its files.
bool is_there(const fs::path& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0;
}

}  // namespace

StageCache::StageCache(StageCacheOptions options) : options_(std::move(options)) {
  if (options_.root.empty()) return;
  if (is_writable(options_.root)) {
    core::remove_leftovers(options_.root);
    core::remove_leftovers(options_.root / "tmp");
    core::remove_leftovers(options_.root / "leases");
  } else {
    is_read_only_ = true;
    core::log_warning(
        fmt::format("{}: the cache is not writable; what it has is used, nothing new is kept", options_.root.string()));
  }
}

fs::path StageCache::folder_of(const StageKey& key) const {
  const std::string hash = key.hash();
  return options_.root / key.stage() / hash.substr(0, 2) / hash;
}

bool StageCache::use(const StageKey& key, const fs::path& folder, const Files& load) {
  if (!is_there(folder)) return false;
  const std::string damage = damage_of(folder);
  if (damage.empty()) {
    // The time of entry.json tells when the entry was last used; a cache that one may only read stays as it is.
    ::utimensat(AT_FDCWD, (folder / kEntryFile).c_str(), nullptr, 0);
    try {
      load(folder);
      return true;
    } catch (const std::exception&) {
      // Evicted while it was read: then it is made again. Anything else is the caller's to hear.
      if (damage_of(folder).empty()) throw;
      return false;
    }
  }
  if (!is_there(folder)) return false;  // evicted while it was checked
  core::log_warning(
      fmt::format("cache entry {} of {} is damaged ({}) and is computed again", key.hash(), key.stage(), damage));
  if (!is_read_only_) {
    const fs::path grave = options_.root / "tmp" / core::private_name("damaged");
    std::error_code ignored;
    fs::rename(folder, grave, ignored);
    fs::remove_all(grave, ignored);
  }
  return false;
}

void StageCache::obtain(const StageKey& key, const Files& make, const Files& load) {
  StageCounts& counts = counts_[key.stage()];
  if (options_.root.empty() || is_read_only_) {
    if (is_read_only_ && use(key, folder_of(key), load)) {
      ++counts.found;
      return;
    }
    const PrivateFolder own(fs::temp_directory_path());
    make(own.path());
    ++counts.computed;
    load(own.path());
    return;
  }
  const fs::path folder = folder_of(key);
  if (use(key, folder, load)) {
    ++counts.found;
    return;
  }
  const core::Lease lease = waited_for(key, folder);
  // While this process waited, another may have made it.
  if (use(key, folder, load)) {
    ++counts.found;
    return;
  }
  compute(key, folder, make, load);
  ++counts.computed;
}

core::Lease StageCache::waited_for(const StageKey& key, const fs::path& folder) const {
  const fs::path file = options_.root / "leases" / fmt::format("{}-{}", key.stage(), key.hash());
  constexpr std::chrono::milliseconds kFirstPause{20}, kLongestPause{1000};
  constexpr double kPatience = 5;
  auto pause = kFirstPause;
  const auto start = Clock::now();
  bool is_told = false;
  for (;;) {
    if (auto lease = core::Lease::try_acquire(file, key.label(), options_.lease)) return std::move(*lease);
    core::stop_if_interrupted();
    if (!is_told && seconds_since(start) > kPatience) {
      if (const auto owner = core::Lease::owner(file, options_.lease)) {
        core::log_info(fmt::format("waiting for {} ({}), which process {} on {} computes", key.stage(), key.label(),
                                   owner->process, owner->host));
      }
      is_told = true;
    }
    // Once the entry is there its maker gives the lease back at any moment.
    std::this_thread::sleep_for(is_there(folder) ? kFirstPause : pause);
    pause = std::min(pause * 3 / 2, kLongestPause);
  }
}

void StageCache::compute(const StageKey& key, const fs::path& folder, const Files& make, const Files& load) {
  const PrivateFolder own(options_.root / "tmp");
  const auto start = Clock::now();
  make(own.path());
  EntryFile entry;
  entry.stage = key.stage();
  entry.hash = key.hash();
  entry.label = key.label();
  entry.host = core::own_identity().host;
  entry.seconds = seconds_since(start);
  entry.inputs = key.inputs_json();
  entry.files = contents_of(own.path());
  core::write_file_atomically(own.path() / kEntryFile, to_json(entry));
  sync_all(own.path());
  core::make_directories(folder.parent_path());
  if (::rename(own.path().c_str(), folder.c_str()) != 0) {
    // Another process has made it too: then both are the same, and this one goes.
    if (!is_there(folder)) {
      throw core::OutputError("cannot put the entry into the cache", folder.string(), "Check the disk.");
    }
    load(own.path());
    return;
  }
  sync(folder.parent_path());
  load(folder);
  if (options_.max_gb) keep_within_budget(options_.root, *options_.max_gb, entry.bytes());
}

std::optional<StageEntry> StageCache::find(const StageKey& key) const {
  if (options_.root.empty()) return std::nullopt;
  const fs::path folder = folder_of(key);
  if (!is_there(folder)) return std::nullopt;
  const auto read = read_entry(folder);
  if (!read) return std::nullopt;
  return StageEntry{read->stage, read->hash, folder, read->label, read->seconds, read->bytes(), 0};
}

bool StageCache::contains(const StageKey& key) const { return !options_.root.empty() && is_there(folder_of(key)); }

}  // namespace normadd::stages
