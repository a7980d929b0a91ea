// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/utf8.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/multirun.h"
#include "normadd/sweep_place.h"
#include "normadd/sweep_verbs.h"
#include "sweeps/launcher.h"
#include "sweeps/sweep_status.h"

namespace normadd::tools {
namespace {

constexpr std::size_t kMostLines = 20;

const char* text_of(sweeps::JobState state) {
  switch (state) {
    case sweeps::JobState::kPending:
      return "pending";
    case sweeps::JobState::kRunning:
      return "running";
    case sweeps::JobState::kDone:
      return "done";
    case sweeps::JobState::kFailed:
      return "failed";
  }
  return "";
}

std::string named(const sweeps::SweepFolder& sweep, std::size_t number) {
  return fmt::format("#{} {}", number, sweeps::overrides_text(sweep.jobs()[number]));
}

std::string running_text(const sweeps::SweepFolder& sweep) {
  std::string text;
  const auto running = sweeps::jobs_in_state(sweep, sweeps::JobState::kRunning);
  const auto ledger = sweep.ledger();
  for (std::size_t i = 0; i < std::min(running.size(), kMostLines); ++i) {
    const auto owner = ledger.owner_of(running[i]);
    if (!owner) continue;  // it ended just now
    text += fmt::format("  {}: {} on {}, for {}\n", named(sweep, running[i]),
                        owner->alive ? "running" : "its process is gone, it will run again; it ran", owner->host,
                        core::duration_text(owner->age_seconds));
  }
  if (running.size() > kMostLines) text += fmt::format("  ... and {} more are running\n", running.size() - kMostLines);
  return text;
}

std::string failed_text(const sweeps::SweepFolder& sweep, bool all) {
  std::string text;
  const auto failed = sweeps::jobs_in_state(sweep, sweeps::JobState::kFailed);
  const auto ledger = sweep.ledger();
  const std::size_t most = all ? failed.size() : std::min(failed.size(), kMostLines);
  for (std::size_t i = 0; i < most; ++i) {
    const auto end = ledger.end_of(failed[i]);
    if (!end) continue;
    text += fmt::format("  {}: failed, attempt {}{}: {}\n", named(sweep, failed[i]), end->attempt,
                        end->host.empty() ? "" : " on " + end->host, end->error);
  }
  if (failed.size() > most) text += fmt::format("  ... and {} more failed: --failed\n", failed.size() - most);
  return text;
}

std::string json_text(const sweeps::SweepFolder& sweep, bool only_failed) {
  const auto counts = sweeps::count_jobs(sweep);
  const auto ledger = sweep.ledger();
  nlohmann::ordered_json json{
      {"sweep", sweep.path().string()}, {"total", counts.total},     {"done", counts.done},
      {"failed", counts.failed},        {"running", counts.running}, {"pending", counts.pending}};
  if (const auto reason = ledger.stopped()) json["stopped"] = *reason;
  json["jobs"] = nlohmann::ordered_json::array();
  const auto states = ledger.states(counts.total);
  for (std::size_t number = 0; number < states.size(); ++number) {
    const bool is_failed = states[number].state == sweeps::JobState::kFailed;
    if (only_failed && !is_failed) continue;
    nlohmann::ordered_json job{{"job", number},
                               {"id", sweep.jobs()[number].id},
                               {"state", text_of(states[number].state)},
                               {"ended_attempts", states[number].attempts},
                               {"overrides", sweep.jobs()[number].overrides}};
    if (is_failed) {
      if (const auto end = ledger.end_of(number)) job["error"] = end->error;
    }
    json["jobs"].push_back(std::move(job));
  }
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

int status_command(const Arguments& arguments) {
  auto options = sweep_verb_options("status", "How a sweep gets on, from its files.");
  // clang-format off
  options.add_options()
      ("json", "everything, for programs")
      ("failed", "all failed jobs with their errors");
  // clang-format on
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto sweep = named_sweep(flags);
  if (flags.count("json") > 0) {
    fmt::print("{}", json_text(sweep, flags.count("failed") > 0));
    return 0;
  }
  fmt::print("{}: {}\n", shown_path(sweep.path()), sweeps::counts_text(sweeps::count_jobs(sweep)));
  if (flags.count("failed") == 0) fmt::print("{}", running_text(sweep));
  fmt::print("{}", failed_text(sweep, flags.count("failed") > 0));
  if (const auto reason = sweep.ledger().stopped()) fmt::print("Stopped: {}.\n", *reason);
  const auto launcher = sweeps::make_launcher(sweep.record().launcher, program_place(sweep.record().directory));
  const auto report = launcher->report(sweep);
  if (!report.text.empty()) fmt::print("{}\n", report.text);
  for (const auto& warning : report.warnings) core::log_warning(warning);
  return 0;
}

}  // namespace normadd::tools
