// SPDX-License-Identifier: Apache-2.0
// Ctrl-C, SIGTERM and a scheduler's warning signals as an error like any other, so that what is half done is cleared
// away and a run says how it ended.
#pragma once

#include <string>

#include "core/error.h"

namespace normadd::core {

/// The user or the system asked the program to stop. Exit code 128 + the signal's number, as shells have it.
class Interrupted : public Error {
 public:
  /// where: what stays behind unfinished, such as a run's folder.
  explicit Interrupted(int signal_number, const std::string& where = "");
  int exit_code() const override { return 128 + signal_number_; }
  /// SIGUSR1 or SIGUSR2, by which schedulers say that the time limit is near: the work may start again later.
  bool time_is_up() const;

 private:
  int signal_number_;
};

/// From now on SIGINT, SIGTERM, SIGUSR1 and SIGUSR2 are noted; a second SIGINT or SIGTERM ends the program at once.
void note_interruptions();

/// Throws Interrupted once a signal was noted. Long work calls it in every step (Progress::advance does).
void stop_if_interrupted();

}  // namespace normadd::core
