// SPDX-License-Identifier: Apache-2.0
// The program's log: short messages on standard error, and the same lines with time stamps in the run folder.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace normadd::core {

void log_info(const std::string& text);
void log_warning(const std::string& text);

/// Only warnings on standard error from now on (the file still gets everything).
void set_quiet(bool quiet);

/// Also writes every message to this file, as "[2020-05-28 15:05:23,511][normadd][INFO] - text", until it goes out of
/// scope.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path);
  ~LogFile();
  /// A line "[ERROR] - text" in the file alone: on the terminal the program itself says how it ended.
  void write_error(const std::string& text) const;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
};

/// Collects the same lines in memory until it goes out of scope.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normadd::core
