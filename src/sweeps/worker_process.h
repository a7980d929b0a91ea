// SPDX-License-Identifier: Apache-2.0
// A worker as a process of its own on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace normadd::sweeps {

struct WorkerCommand {
  std::vector<std::string> arguments;                            // program first
  std::vector<std::pair<std::string, std::string>> environment;  // added to this process's
  std::filesystem::path log;                                     // gets what it says, after what is there
};

class WorkerProcess {
 public:
  /// Throws OutputError when the process cannot be started.
  explicit WorkerProcess(const WorkerCommand& command);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Kills the process if it still runs.
  ~WorkerProcess();

  int process() const { return process_; }
  /// How it ended: exit code, or 128 + signal; nothing while it runs.
  std::optional<int> ended();
  /// True when a signal ended it.
  bool was_killed() const { return was_killed_; }
  void send(int signal_number) const;

 private:
  int process_ = -1;
  std::optional<int> code_;
  bool was_killed_ = false;
};

/// The last line of a log that says something; empty when there is none.
std::string last_line(const std::filesystem::path& log);

}  // namespace normadd::sweeps
