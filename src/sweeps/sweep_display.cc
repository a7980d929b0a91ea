// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_display.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/progress.h"
#include "sweeps/sweep_status.h"
#include "sweeps/worker_process.h"

namespace normadd::sweeps {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kRedraw = std::chrono::milliseconds(500);
constexpr auto kLogLine = std::chrono::seconds(5);

std::size_t terminal_width() {
  winsize size{};
  constexpr std::size_t kUsual = 80;
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

}  // namespace

SweepDisplay::SweepDisplay(const SweepFolder& sweep)
    : sweep_(sweep), on_terminal_(::isatty(STDERR_FILENO) != 0), start_(Clock::now()), last_(start_) {
  done_at_start_ = count_jobs(sweep).done;
}

std::string SweepDisplay::counts_text() {
  const JobCounts counts = count_jobs(sweep_);
  std::string text = sweeps::counts_text(counts);
  const std::size_t done_now = counts.done - std::min(done_at_start_, counts.done);
  const std::size_t open = counts.pending + counts.running;
  if (done_now > 0 && open > 0) {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    text += fmt::format(", about {} to go",
                        core::duration_text(seconds / static_cast<double>(done_now) * static_cast<double>(open)));
  }
  return text;
}

void SweepDisplay::draw(const std::vector<std::filesystem::path>& logs) {
  const auto now = Clock::now();
  if (now - last_ < (on_terminal_ ? Clock::duration(kRedraw) : Clock::duration(kLogLine))) return;
  last_ = now;
  const std::string counts = counts_text();
  if (!on_terminal_) {
    if (counts != last_counts_) fmt::print(stderr, "{}\n", counts);
    last_counts_ = counts;
    return;
  }
  std::string text;
  if (lines_ > 0) text += fmt::format("\x1b[{}A", lines_);
  const std::size_t width = terminal_width();
  const auto add = [&](const std::string& line) { text += fmt::format("\r\x1b[K{}\n", line.substr(0, width - 1)); };
  add(counts);
  for (std::size_t i = 0; i < logs.size(); ++i) add(fmt::format("  worker {}: {}", i, last_line(logs[i])));
  for (std::size_t i = logs.size() + 1; i < lines_; ++i) add("");
  lines_ = std::max(lines_, logs.size() + 1);
  std::fputs(text.c_str(), stderr);
}

void SweepDisplay::end() {
  if (!on_terminal_ || lines_ == 0) return;
  last_ = {};
  draw({});
  // Only the counts stay.
  fmt::print(stderr, "\x1b[{}A\x1b[J", lines_ - 1);
  lines_ = 0;
}

}  // namespace normadd::sweeps
