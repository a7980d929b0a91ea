// SPDX-License-Identifier: Apache-2.0
// How a sweep gets on, while local workers run it: a table that is redrawn on a terminal, a line every few seconds
// otherwise.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

class SweepDisplay {
 public:
  explicit SweepDisplay(const SweepFolder& sweep);
  /// Called often, draws when it is time. logs: of the workers that are at work.
  void draw(const std::vector<std::filesystem::path>& logs);
  /// Leaves the last state on the terminal.
  void end();

 private:
  std::string counts_text();
  const SweepFolder& sweep_;
  bool on_terminal_;
  std::size_t lines_ = 0, done_at_start_ = 0;
  std::chrono::steady_clock::time_point start_, last_;
  std::string last_counts_;
};

}  // namespace normadd::sweeps
