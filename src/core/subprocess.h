// SPDX-License-Identifier: Apache-2.0
// Other programs, run without a shell, with their words caught and an end to our patience.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace normadd::core {

struct SubprocessRequest {
  std::vector<std::string> command;  // program (looked up in PATH) and its arguments
  std::string input;                 // for its standard input
  std::chrono::milliseconds limit{30000};
  /// Names of variables that it does not inherit; empty: it inherits all.
  std::function<bool(const std::string& name)> without_variable;
};

struct SubprocessResult {
  bool found = true;       // false: there is no such program
  bool timed_out = false;  // it was killed at the limit, with the process group that it led
  int status = -1;         // exit code; 128 + signal when a signal ended it; -1 when not found
  std::string output;      // standard output
  std::string errors;      // standard error

  bool ok() const { return found && !timed_out && status == 0; }
  /// What it said: the last lines of its standard error, else of its output, on one line; for messages.
  std::string words() const;
};

/// Runs the program and waits for its end or the limit. Whatever it leaves running must not hold its output open: the
/// call returns at the limit at the latest. Throws OutputError when no process can be started at all.
SubprocessResult run_subprocess(const SubprocessRequest& request);

}  // namespace normadd::core
