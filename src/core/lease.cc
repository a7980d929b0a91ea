// SPDX-License-Identifier: Apache-2.0
#include "core/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/process_identity.h"

namespace normadd::core {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Which file it is, whatever its name.
struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct FileState {
  FileIdentity identity;
  double modified = 0;  // seconds of the file system's clock
};

FileState state_of(const struct stat& status) {
  return {{status.st_dev, status.st_ino},
          static_cast<double>(status.st_mtim.tv_sec) + 1e-9 * static_cast<double>(status.st_mtim.tv_nsec)};
}

std::optional<FileState> state_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return state_of(status);
}

/// Touches the open files of all leases of this process, each at its own pace.
class Heartbeats {
 public:
  static Heartbeats& instance() {
    // Never destroyed: leases may be given back while the program ends. A forked child has no thread of its parent's,
    // and begins anew.
    static std::mutex mutex;
    static Heartbeats* heartbeats = nullptr;
    static pid_t owner = 0;
    const std::lock_guard lock(mutex);
    if (heartbeats == nullptr || owner != ::getpid()) {
      heartbeats = new Heartbeats;
      owner = ::getpid();
    }
    return *heartbeats;
  }

  void add(int descriptor, std::chrono::milliseconds interval) {
    const std::lock_guard lock(mutex_);
    beats_[descriptor] = {interval, Clock::now() + interval};
    if (!is_started_) {
      std::thread([this] { beat(); }).detach();
      is_started_ = true;
    }
    changed_.notify_one();
  }

  void remove(int descriptor) {
    const std::lock_guard lock(mutex_);
    beats_.erase(descriptor);
  }

 private:
  struct Beat {
    std::chrono::milliseconds interval;
    Clock::time_point next;
  };

  void beat() {
    std::unique_lock lock(mutex_);
    for (;;) {
      auto next = Clock::now() + std::chrono::hours(1);
      for (auto& [descriptor, one] : beats_) {
        if (one.next <= Clock::now()) {
          ::futimens(descriptor, nullptr);
          one.next = Clock::now() + one.interval;
        }
        next = std::min(next, one.next);
      }
      changed_.wait_until(lock, next);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, Beat> beats_;
  bool is_started_ = false;
};

/// A file of our own beside the lease: its time is the file system's now, and it becomes the lease by a link, which
/// network file systems make exclusively too.
class PrivateFile {
 public:
  PrivateFile(const fs::path& lease, const std::string& text)
      : path_(lease.parent_path() / private_name(lease.filename().string())) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail(lease);
    if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      const int error_number = errno;
      ::close(descriptor_);
      ::unlink(path_.c_str());
      errno = error_number;
      fail(lease);
    }
  }
  PrivateFile(const PrivateFile&) = delete;
  PrivateFile& operator=(const PrivateFile&) = delete;
  ~PrivateFile() {
    ::unlink(path_.c_str());
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  const fs::path& path() const { return path_; }
  double now() const {
    struct stat status {};
    return ::fstat(descriptor_, &status) == 0 ? state_of(status).modified : 0;
  }
  int take_descriptor() { return std::exchange(descriptor_, -1); }

 private:
  [[noreturn]] static void fail(const fs::path& lease) {
    throw OutputError(fmt::format("cannot take the lease: {}", std::strerror(errno)), lease.string(),
                      errno == ENOSPC || errno == EDQUOT
                          ? "The disk is full: free some space and run the command again."
                          : "Check that the folder is writable.");
  }

  fs::path path_;
  int descriptor_ = -1;
};

std::string text_of_owner(const std::string& note) {
  const ProcessIdentity& self = own_identity();
  const nlohmann::ordered_json json{
      {"host", self.host},
      {"machine", self.machine},
      {"process", self.process},
      {"start", self.start},
      {"note", note},
      {"taken", std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count()}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

struct ReadOwner {
  std::string text;
  LeaseOwner owner;
  ProcessIdentity identity;
  FileIdentity file;
};

/// now: the file system's clock.
std::optional<ReadOwner> read_owner(const fs::path& file, double now, const LeaseTimes& times) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  struct stat status {};
  std::string text(4096, '\0');
  const bool has_state = ::fstat(descriptor, &status) == 0;
  const ssize_t size = ::read(descriptor, text.data(), text.size());
  ::close(descriptor);
  if (!has_state || size < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  const FileState state = state_of(status);

  ReadOwner read;
  read.file = state.identity;
  read.owner.quiet_seconds = now - state.modified;
  read.text = text;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_object()) try {
      read.identity = {json.value("host", ""), json.value("machine", ""), json.value("process", 0),
                       json.value("start", std::uint64_t{0})};
      read.owner.note = json.value("note", "");
      const double taken = json.value("taken", 0.0);
      const double today = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
      read.owner.age_seconds = std::max(0.0, today - taken);
    } catch (const nlohmann::json::exception&) {
      read.identity = {};  // damaged: it lasts as long as any other
    }
  read.owner.host = read.identity.host;
  read.owner.process = read.identity.process;
  // A time far in the future is no heartbeat either: a living owner would have set it right.
  const double stale = std::chrono::duration<double>(times.stale).count();
  const bool is_quiet = read.owner.quiet_seconds > stale || read.owner.quiet_seconds < -stale;
  read.owner.alive = !is_quiet && !is_known_dead(read.identity);
  read.owner.quiet_seconds = std::max(0.0, read.owner.quiet_seconds);
  return read;
}

/// Moves a dead owner's lease out of the way.
void bury(const fs::path& file, const ReadOwner& dead) {
  const fs::path grave = file.parent_path() / private_name(file.filename().string());
  if (::rename(file.c_str(), grave.c_str()) != 0) return;  // another process was faster
  // Between the look and the rename a living process may have taken it over: then it gets its lease back. Numbers of
  // files are used again at once, so that the text has to be the same too.
  const auto buried = read_owner(grave, 0, {});
  if (buried && !(buried->file == dead.file && buried->text == dead.text)) {
    const int ignored = ::link(grave.c_str(), file.c_str());
    static_cast<void>(ignored);
  }
  ::unlink(grave.c_str());
}

}  // namespace

struct Lease::State {
  fs::path file;
  int descriptor = -1;
  pid_t process = ::getpid();
};

Lease::Lease(std::unique_ptr<State> state) : state_(std::move(state)) {}
Lease::Lease(Lease&&) noexcept = default;
Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    state_ = std::move(other.state_);
  }
  return *this;
}
Lease::~Lease() { release(); }

std::optional<Lease> Lease::try_acquire(const fs::path& file, const std::string& note, LeaseTimes times) {
  make_directories(file.parent_path());
  PrivateFile own(file, text_of_owner(note));
  // Each turn either wins, finds a living owner, or buries a dead one; others may do the same in between.
  constexpr int kMostTurns = 10;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    if (::link(own.path().c_str(), file.c_str()) == 0) {
      auto state = std::make_unique<State>();
      state->file = file;
      state->descriptor = own.take_descriptor();
      Heartbeats::instance().add(state->descriptor, times.heartbeat);
      return Lease(std::move(state));
    }
    if (errno != EEXIST) {
      throw OutputError(fmt::format("cannot take the lease: {}", std::strerror(errno)), file.string(),
                        "The folder must be writable, and its file system must have hard links.");
    }
    const auto found = read_owner(file, own.now(), times);
    if (!found) continue;
    if (found->owner.alive) return std::nullopt;
    bury(file, *found);
  }
  return std::nullopt;
}

std::optional<LeaseOwner> Lease::owner(const fs::path& file, LeaseTimes times) {
  if (!fs::exists(file)) return std::nullopt;
  double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  try {
    now = PrivateFile(file, "").now();
  } catch (const OutputError&) {
    // In a folder that we may only read, this machine's clock has to do.
  }
  const auto found = read_owner(file, now, times);
  return found ? std::optional(found->owner) : std::nullopt;
}

bool Lease::held() const {
  if (!state_) return false;
  struct stat status {};
  if (::fstat(state_->descriptor, &status) != 0) return false;
  const auto there = state_of(state_->file);
  return there && there->identity == state_of(status).identity;
}

void Lease::release() {
  if (!state_) return;
  // A forked child has a copy of its parent's lease, which is not its own to give back.
  if (state_->process == ::getpid()) {
    Heartbeats::instance().remove(state_->descriptor);
    if (held()) ::unlink(state_->file.c_str());
  }
  ::close(state_->descriptor);
  state_.reset();
}

}  // namespace normadd::core
