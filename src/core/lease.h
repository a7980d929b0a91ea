// SPDX-License-Identifier: Apache-2.0
// A lease on a piece of work, held by one process of one machine at a time, as a file on a file system that all share.
// The owner renews it by touching the file; whoever finds it untouched for long, or whose owner's process is gone from
// this machine, may take it over. Safe against doing nothing for ever; two owners at once are rare and must be
// harmless.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace normadd::core {

struct LeaseTimes {
  std::chrono::milliseconds heartbeat{5000};  // how often the owner touches the file
  std::chrono::milliseconds stale{60000};     // untouched for longer, by the file system's clock: the owner is gone
};

/// Who holds a lease, as its file tells.
struct LeaseOwner {
  std::string host;
  int process = 0;
  std::string note;          // what the owner wrote, e.g. "attempt 2"
  double age_seconds = 0;    // since it was taken
  double quiet_seconds = 0;  // since the last heartbeat
  bool alive = false;        // by heartbeat, and by process where the owner ran on this machine
};

class Lease {
 public:
  /// Takes the lease, over a dead owner if need be; nothing when a live owner holds it. Makes parent directories.
  /// Throws OutputError when the file cannot be written.
  static std::optional<Lease> try_acquire(const std::filesystem::path& file, const std::string& note = "",
                                          LeaseTimes times = {});
  /// Nothing when the lease is free (or was given back just now).
  static std::optional<LeaseOwner> owner(const std::filesystem::path& file, LeaseTimes times = {});

  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();  // gives it back
  /// Whether the file still names this owner: false after another process took it over.
  bool held() const;
  void release();

 private:
  struct State;
  explicit Lease(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace normadd::core
