// SPDX-License-Identifier: Apache-2.0
#include "core/interruption.h"

#include <csignal>

namespace normadd::core {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

void note(int signal_number) { noted_signal = signal_number; }

}  // namespace

Interrupted::Interrupted(int signal_number, const std::string& where)
    : Error(signal_number == SIGINT ? "interrupted" : "told to stop", where, ""), signal_number_(signal_number) {}

void note_interruptions() {
  struct sigaction action {};
  action.sa_handler = note;
  // The handler goes after its first use: whoever asks twice does not want to wait.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

void stop_if_interrupted() {
  if (noted_signal == 0) return;
  const int signal_number = noted_signal;
  noted_signal = 0;
  throw Interrupted(signal_number);
}

}  // namespace normadd::core
