// SPDX-License-Identifier: Apache-2.0
#include "weights/hub_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <cerrno>
#include <cstring>
#include <random>

#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::weights {
namespace fs = std::filesystem;

namespace {

std::string folder_name(const std::string& repository) {
  return "models--" + boost::algorithm::replace_all_copy(repository, "/", "--");
}

/// For .incomplete files and the like; etags come from servers.
void check_etag(const std::string& etag) {
  const bool good =
      !etag.empty() && etag.size() <= 128 &&
      etag.find_first_not_of("0123456789abcdefABCDEFghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ-_") == std::string::npos;
  if (!good) throw core::DataError(fmt::format("the server's ETag '{}' cannot be a file name", etag), "", "");
}

}  // namespace

fs::path HubCache::repository(const std::string& name) const { return root_ / folder_name(name); }

fs::path HubCache::snapshot(const std::string& repository, const std::string& commit) const {
  return this->repository(repository) / "snapshots" / commit;
}

fs::path HubCache::blob(const std::string& repository, const std::string& etag) const {
  check_etag(etag);
  return this->repository(repository) / "blobs" / etag;
}

fs::path HubCache::lock(const std::string& repository, const std::string& etag) const {
  check_etag(etag);
  return root_ / ".locks" / folder_name(repository) / (etag + ".lock");
}

std::optional<std::string> HubCache::commit_of(const std::string& repository, const std::string& ref) const {
  const auto file = this->repository(repository) / "refs" / ref;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  const std::string commit = boost::algorithm::trim_copy(core::read_file(file));
  return is_commit(commit) ? std::optional(commit) : std::nullopt;
}

std::vector<std::string> HubCache::commits(const std::string& repository) const {
  std::vector<std::string> commits;
  std::error_code error;
  for (fs::directory_iterator entry(this->repository(repository) / "snapshots", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_commit(name)) commits.push_back(name);
  }
  std::ranges::sort(commits);
  if (const auto main = commit_of(repository, "main")) {
    std::stable_partition(commits.begin(), commits.end(), [&](const std::string& commit) { return commit == *main; });
  }
  return commits;
}

void HubCache::link(const std::string& repository, const std::string& commit, const std::string& file,
                    const std::string& etag) const {
  const fs::path pointer = snapshot(repository, commit) / file;
  core::make_directories(pointer.parent_path());
  const fs::path target = fs::relative(blob(repository, etag), pointer.parent_path());
  std::error_code ignored;
  if (fs::read_symlink(pointer, ignored) == target) return;
  // A link cannot be made over another one, but renamed over it.
  fs::path temporary = pointer;
  temporary += fmt::format(".{}-{:08x}.tmp", ::getpid(), std::random_device()());
  const bool linked = ::symlink(target.c_str(), temporary.c_str()) == 0;
  if (!linked || ::rename(temporary.c_str(), pointer.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    throw core::OutputError(fmt::format("cannot make a symbolic link: {}", std::strerror(error)), pointer.string(),
                            "The hub's cache needs a file system with links; or download to a folder with --to.");
  }
}

void HubCache::set_ref(const std::string& repository, const std::string& ref, const std::string& commit) const {
  core::write_file_atomically(this->repository(repository) / "refs" / ref, commit);
}

std::optional<CachedWeights> find_cached(const HubCache& cache, const Card& card) {
  std::vector<std::string> commits = cache.commits(card.repository);
  if (card.revision) {
    std::stable_partition(commits.begin(), commits.end(),
                          [&](const std::string& commit) { return commit == *card.revision; });
  }
  for (const auto& commit : commits) {
    const fs::path folder = cache.snapshot(card.repository, commit);
    std::error_code error;
    if (!fs::is_regular_file(folder / card.weights().name, error)) continue;
    return CachedWeights{folder / card.weights().name, folder, commit, !card.revision || commit == *card.revision};
  }
  return std::nullopt;
}

}  // namespace normadd::weights
