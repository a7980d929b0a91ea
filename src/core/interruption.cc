// SPDX-License-Identifier: Apache-2.0
#include "core/interruption.h"

#include <csignal>

namespace normadd::core {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

void note(int signal_number) { noted_signal = signal_number; }

bool is_time_signal(int signal_number) { return signal_number == SIGUSR1 || signal_number == SIGUSR2; }

const char* text_of(int signal_number) {
  if (signal_number == SIGINT) return "interrupted";
  return is_time_signal(signal_number) ? "told to stop because the time is up" : "told to stop";
}

}  // namespace

Interrupted::Interrupted(int signal_number, const std::string& where)
    : Error(text_of(signal_number), where, ""), signal_number_(signal_number) {}

bool Interrupted::time_is_up() const { return is_time_signal(signal_number_); }

void note_interruptions() {
  struct sigaction action {};
  action.sa_handler = note;
  // The handler goes after its first use: whoever asks twice does not want to wait.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // Schedulers send these by themselves, some more than once.
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &action, nullptr);
  ::sigaction(SIGUSR2, &action, nullptr);
}

void stop_if_interrupted() {
  if (noted_signal == 0) return;
  const int signal_number = noted_signal;
  noted_signal = 0;
  throw Interrupted(signal_number);
}

}  // namespace normadd::core
