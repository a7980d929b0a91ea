// SPDX-License-Identifier: Apache-2.0
// A real Slurm on loopback for tests: four virtual nodes of two cores, started and ended by the scripts beside this
// file.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/subprocess.h"

namespace normadd::test {

/// Runs a program and waits for it.
core::SubprocessResult run(const std::vector<std::string>& command,
                           std::chrono::seconds limit = std::chrono::seconds(120));

/// Asks again and again until it is true; false when it is not within the time, which is far more than it should take.
bool eventually(const std::function<bool()>& condition, std::chrono::seconds limit = std::chrono::seconds(150));

/// Whether the process was sent the signal and has not yet seen it.
bool signal_is_pending(int process, int signal_number);

class Cluster {
 public:
  /// Starts it in a folder of its own and points SLURM_CONF at it.
  explicit Cluster(const std::filesystem::path& root);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Empty when it runs; otherwise why tests are to be skipped.
  const std::string& missing() const { return missing_; }
  /// Kills a daemon as a crash would: "slurmctld" or "slurmd.n2".
  void kill_daemon(const std::string& name) const;
  /// Starts what does not run.
  void start_again() const;
  void start_controller() const;
  /// Kills the processes of all steps and batch scripts on a virtual node, as its power failing would.
  void kill_everything_on(const std::string& node) const;
  /// "JOB_TASK" of this user's tasks in a state such as RUNNING or PENDING.
  std::vector<std::string> tasks_in(const std::string& state) const;
  std::string node_of(const std::string& task) const;
  bool queue_is_empty() const;
  /// A process of this name of the task "JOB_TASK"; 0 when there is none.
  int process_of(const std::string& task, const std::string& name) const;
  /// Queue, nodes and the ends of the daemons' logs, to be read after a failure.
  std::string account_of_itself() const;

 private:
  std::filesystem::path root_;
  std::string missing_;
};

}  // namespace normadd::test
