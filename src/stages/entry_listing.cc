// SPDX-License-Identifier: Apache-2.0
#include "stages/entry_listing.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "core/process_identity.h"
#include "stages/entry_file.h"

namespace normadd::stages {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->path().filename().string().starts_with('.')) {
      folders.push_back(entry->path());
    }
  }
  return folders;
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) sum += entry->file_size(ignored);
  }
  return sum;
}

double idle_seconds_of(const fs::path& entry_file) {
  struct stat status {};
  if (::stat(entry_file.c_str(), &status) != 0) return 1e9;
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return std::max(0.0, now - static_cast<double>(status.st_mtim.tv_sec));
}

/// Seconds saved per byte kept.
double worth(const StageEntry& entry) {
  return entry.seconds / static_cast<double>(std::max<std::uint64_t>(entry.bytes, 1));
}

template <typename Number>
Number median(std::vector<Number> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

std::vector<StageEntry> list_entries(const fs::path& root) {
  std::vector<StageEntry> entries;
  for (const auto& stage : folders_in(root)) {
    for (const auto& prefix : folders_in(stage)) {
      for (const auto& folder : folders_in(prefix)) {
        // Leases and the like lie beside the stages.
        if (folder.filename().string().size() != 32) continue;
        StageEntry entry;
        entry.stage = stage.filename();
        entry.hash = folder.filename();
        entry.folder = folder;
        entry.idle_seconds = idle_seconds_of(folder / kEntryFile);
        if (const auto read = read_entry(folder)) {
          entry.label = read->label;
          entry.seconds = read->seconds;
          entry.bytes = read->bytes();
        } else {
          entry.bytes = bytes_below(folder);
        }
        entries.push_back(std::move(entry));
      }
    }
  }
  return entries;
}

std::vector<StageEntry> entries_to_evict(std::vector<StageEntry> entries, std::uint64_t bytes,
                                         std::chrono::seconds spared) {
  std::uint64_t sum = 0;
  for (const auto& entry : entries) sum += entry.bytes;
  std::erase_if(entries,
                [&](const StageEntry& entry) { return entry.idle_seconds < static_cast<double>(spared.count()); });
  std::sort(entries.begin(), entries.end(), [](const StageEntry& a, const StageEntry& b) {
    return std::tuple(worth(a), -a.idle_seconds, a.hash) < std::tuple(worth(b), -b.idle_seconds, b.hash);
  });
  std::vector<StageEntry> evicted;
  for (const auto& entry : entries) {
    if (sum <= bytes) break;
    sum -= entry.bytes;
    evicted.push_back(entry);
  }
  return evicted;
}

bool remove_entry(const fs::path& root, const StageEntry& entry) {
  const fs::path grave = root / "tmp" / core::private_name("removed");
  std::error_code error;
  fs::create_directories(grave.parent_path(), error);
  fs::rename(entry.folder, grave, error);
  if (error) return false;
  fs::remove_all(grave, error);
  return true;
}

StageHistory history_of(const std::vector<StageEntry>& entries) {
  std::map<std::pair<std::string, std::string>, std::pair<std::vector<double>, std::vector<std::uint64_t>>> groups;
  for (const auto& entry : entries) {
    for (const std::string& label : {entry.label, std::string()}) {
      auto& [seconds, bytes] = groups[{entry.stage, label}];
      seconds.push_back(entry.seconds);
      bytes.push_back(entry.bytes);
      if (entry.label.empty()) break;
    }
  }
  StageHistory history;
  for (auto& [name, costs] : groups) history[name] = {median(costs.first), median(costs.second)};
  return history;
}

}  // namespace normadd::stages
