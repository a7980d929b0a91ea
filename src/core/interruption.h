// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM as an error like any other, so that what is half done is cleared away and a run says how it ended.
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

 private:
  int signal_number_;
};

/// From now on SIGINT and SIGTERM are noted; a second one ends the program at once.
void note_interruptions();

/// Throws Interrupted once a signal was noted. Long work calls it in every step (Progress::advance does).
void stop_if_interrupted();

}  // namespace normadd::core
