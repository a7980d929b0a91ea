// SPDX-License-Identifier: Apache-2.0
// Progress with an ETA: one line that is redrawn on a terminal, a plain line every few seconds in a log.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace normadd::core {

/// Reports how far a task of known size is. Writes to standard error only; silent when disabled.
class Progress {
 public:
  /// label names the work ("coreset hazelnut"); total is the number of steps, > 0.
  Progress(std::string label, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Throws Interrupted when the program was asked to stop.
  void advance(std::size_t steps = 1);
  /// Text after the ETA, e.g. the current loss.
  void note(std::string text) { note_ = std::move(text); }

  /// For tests and --quiet.
  static void set_enabled(bool enabled);

 private:
  void draw(bool last);

  std::string label_;
  std::string note_;
  std::size_t total_;
  std::size_t done_ = 0;
  bool on_terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_draw_;
};

/// "1m 05s", "12s", "2h 03m".
std::string duration_text(double seconds);

}  // namespace normadd::core
