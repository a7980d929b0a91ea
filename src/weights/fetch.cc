// SPDX-License-Identifier: Apache-2.0
#include "weights/fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interruption.h"
#include "core/log.h"
#include "http/download.h"
#include "weights/file_hashes.h"
#include "weights/hub_cache.h"

namespace normadd::weights {
namespace fs = std::filesystem;

namespace {

/// The lock that huggingface_hub takes for the same blob (flock on its lock file, which stays).
class BlobLock {
 public:
  explicit BlobLock(const fs::path& path) {
    core::make_directories(path.parent_path());
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
      throw core::OutputError(fmt::format("cannot make a lock file: {}", std::strerror(errno)), path.string(),
                              "Choose another cache with HF_HUB_CACHE, or change the folder's permissions.");
    }
    bool said = false;
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) break;  // a file system without locks: the rename is still safe
      if (!said) core::log_info("waiting for another process that downloads the same file");
      said = true;
      try {
        core::stop_if_interrupted();
      } catch (...) {
        ::close(descriptor_);
        throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  ~BlobLock() { ::close(descriptor_); }
  BlobLock(const BlobLock&) = delete;
  BlobLock& operator=(const BlobLock&) = delete;

 private:
  int descriptor_ = -1;
};

/// Git's name for a file's contents, the hub's ETag of small files.
std::string git_blob_sha1(const std::string& bytes) {
  const std::string text = fmt::format("blob {}", bytes.size()) + '\0' + bytes;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

/// The sha256 that the weights must have, where one is known.
std::optional<std::string> expected_sha256(const Card& card, const FetchRequest& request) {
  const auto& pinned = card.weights().sha256;
  if (request.sha256) checked_sha256(*request.sha256, "--sha256");
  if (request.sha256 && pinned && *request.sha256 != *pinned) {
    throw core::ConfigError(fmt::format("the card of {} has the sha256 {}, not the given one", card.name, *pinned),
                            "--sha256", "Leave the flag out; other weights need a card of their own.");
  }
  if (!pinned && !request.sha256 && !request.trust_first_download) {
    throw core::ConfigError(
        fmt::format("{} is not pinned yet: nobody has recorded which bytes it is", card.name), "",
        "Give --sha256 HASH (and --revision COMMIT) when you know them, or --trust-first-download to take what the "
        "hub sends now and hold every later download against it.");
  }
  return pinned ? pinned : request.sha256;
}

void check_against_card(const Card& card, const FetchRequest& request, const HubFile& found,
                        const std::optional<std::string>& sha256) {
  if (card.revision && !request.revision && found.commit != *card.revision) {
    throw core::DataError(
        fmt::format("the hub answers with commit {}, the card of {} names {}", found.commit, card.name, *card.revision),
        http::public_url(found.url), "Check the endpoint (HF_ENDPOINT).");
  }
  if (sha256 && found.sha256() && *found.sha256() != *sha256) {
    throw core::DataError(
        fmt::format("the hub's file has the sha256 {} where {} is expected", *found.sha256(), *sha256),
        http::public_url(found.url), "At this revision it is another file; nothing was downloaded.");
  }
  if (card.weights().bytes && found.bytes && *found.bytes != static_cast<std::uint64_t>(*card.weights().bytes)) {
    throw core::DataError(
        fmt::format("the hub's file has {} bytes where {} are expected", *found.bytes, *card.weights().bytes),
        http::public_url(found.url), "At this revision it is another file; nothing was downloaded.");
  }
}

class Fetch {
 public:
  Fetch(const Card& card, const FetchRequest& request, const Hub& hub, const Places& places)
      : card_(card), request_(request), hub_(hub), hashes_(places.state), cache_(places.hub_cache) {}

  /// One file, whole and right; sha256: what it must have. Gives back its path and whether it was there before.
  std::pair<fs::path, bool> bring(const std::string& file, const HubFile& found, std::optional<std::string> sha256) {
    if (!sha256) sha256 = found.sha256();
    const fs::path target = request_.folder ? *request_.folder / file : cache_.blob(card_.repository, found.etag);
    std::unique_ptr<BlobLock> lock;
    if (!request_.folder) lock = std::make_unique<BlobLock>(cache_.lock(card_.repository, found.etag));
    const bool was_there = is_right(target, found, sha256);
    if (!was_there) {
      http::Download download;
      download.request = hub_request(hub_, card_.repository, found.commit, file);
      download.target = target;
      download.sha256 = sha256.value_or("");
      download.bytes = found.bytes;
      download.label = fmt::format("{} {}", card_.name, file);
      try {
        http::download(download);
      } catch (const http::Refused& error) {
        throw http::Refused(error.status(), found.url, status_hint(error.status(), hub_, card_.repository));
      }
      if (!sha256 && !is_right(target, found, sha256)) {
        fs::remove(target);
        throw core::DataError("the downloaded bytes are not those that the hub names", http::public_url(found.url),
                              "Nothing was kept: a proxy may change what it passes on.");
      }
    }
    if (request_.folder) return {target, was_there};
    cache_.link(card_.repository, found.commit, file, found.etag);
    return {cache_.snapshot(card_.repository, found.commit) / file, was_there};
  }

  const HubCache& cache() const { return cache_; }
  std::string sha256_of(const fs::path& file) const { return hashes_.sha256(file); }

 private:
  bool is_right(const fs::path& file, const HubFile& found, const std::optional<std::string>& sha256) const {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return false;
    if (sha256) return hashes_.sha256(file) == *sha256;
    constexpr std::size_t kSha1Digits = 40;
    if (found.etag.size() == kSha1Digits) return git_blob_sha1(core::read_file(file)) == found.etag;
    return found.bytes && fs::file_size(file, error) == *found.bytes;
  }

  const Card& card_;
  const FetchRequest& request_;
  const Hub& hub_;
  FileHashes hashes_;
  HubCache cache_;
};

}  // namespace

Fetched fetch(const Card& card, const FetchRequest& request, const Hub& hub, const Places& places) {
  const auto sha256 = expected_sha256(card, request);
  const std::string revision = request.revision.value_or(card.revision.value_or("main"));
  const HubFile weights = ask_hub(hub, card.repository, revision, card.weights().name);
  check_against_card(card, request, weights, sha256);

  Fetch work(card, request, hub, places);
  Fetched result;
  std::tie(result.weights, result.was_there) = work.bring(card.weights().name, weights, sha256);
  result.folder = result.weights.parent_path();
  result.commit = weights.commit;
  result.sha256 = work.sha256_of(result.weights);
  result.bytes = fs::file_size(result.weights);
  for (std::size_t i = 1; i < card.files.size(); ++i) {
    const CardFile& file = card.files[i];
    try {
      work.bring(file.name, ask_hub(hub, card.repository, weights.commit, file.name), file.sha256);
    } catch (const http::Refused& error) {
      if (error.status() != 404) throw;
      core::log_warning(fmt::format("{} has no {}; the weight card says what it would", card.repository, file.name));
    }
  }
  // Only a name that was asked for: what it means today is no part of a pinned download.
  if (!request.folder && revision != weights.commit) work.cache().set_ref(card.repository, revision, weights.commit);
  if (!card.is_pinned()) record_pin(places, card, weights.commit, result.sha256);
  return result;
}

}  // namespace normadd::weights
