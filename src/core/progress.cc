// SPDX-License-Identifier: Apache-2.0
#include "core/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>

#include "core/interruption.h"

namespace normadd::core {
namespace {

std::atomic<bool> enabled{true};

double seconds_between(std::chrono::steady_clock::time_point a, std::chrono::steady_clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

}  // namespace

std::string duration_text(double seconds) {
  const long whole = std::max(0L, static_cast<long>(seconds + 0.5));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
}

Progress::Progress(std::string label, std::size_t total)
    : label_(std::move(label)),
      total_(std::max<std::size_t>(total, 1)),
      on_terminal_(::isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()),
      last_draw_(start_) {}

Progress::~Progress() {
  try {
    if (on_terminal_ ? drawn_ : (drawn_ && done_ >= total_)) draw(true);
  } catch (const std::exception&) {
    // Standard error may be closed; the work goes on without a last line.
  }
}

void Progress::set_enabled(bool value) { enabled = value; }

void Progress::advance(std::size_t steps) {
  stop_if_interrupted();
  done_ = std::min(total_, done_ + steps);
  if (!enabled) return;
  const auto now = std::chrono::steady_clock::now();
  const double interval = on_terminal_ ? 0.1 : 5.0;
  if (seconds_between(last_draw_, now) < interval) return;
  last_draw_ = now;
  draw(false);
}

void Progress::draw(bool last) {
  drawn_ = true;
  const double elapsed = seconds_between(start_, std::chrono::steady_clock::now());
  const double fraction = static_cast<double>(done_) / static_cast<double>(total_);
  std::string line = fmt::format("{} {}/{} {:3.0f}%", label_, done_, total_, 100.0 * fraction);
  if (last) {
    line += fmt::format(" in {}", duration_text(elapsed));
  } else if (done_ > 0) {
    line += fmt::format(" ETA {}", duration_text(elapsed / fraction - elapsed));
  }
  if (!note_.empty()) line += "  " + note_;
  if (on_terminal_) {
    fmt::print(stderr, "\r\033[K{}{}", line, last ? "\n" : "");
  } else {
    fmt::print(stderr, "{}\n", line);
  }
  std::fflush(stderr);
}

}  // namespace normadd::core
