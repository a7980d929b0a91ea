// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "core/error.h"
#include "experiment/job.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "reporting/report/report.h"
#include "reporting/run_listing.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

cxxopts::Options report_options() {
  cxxopts::Options options("normadd report",
                           "Writes runs as a folder of HTML that opens from disk: summary, tables, figures, pictures, "
                           "worst errors, configurations, provenance.");
  options.custom_help("[flags]");
  options.positional_help("FOLDER...   (runs, sweeps, or folders that hold them; none = the newest run)");
  // clang-format off
  options.add_options()
      ("out", "the report's folder (default: FOLDER/report)", cxxopts::value<std::string>())
      ("h,help", "this text")
      ("folders", "runs, sweeps, or folders that hold them", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"folders"});
  return options;
}

/// By name: names begin with date and time.
fs::path newest_run() {
  const fs::path root = experiment::RunOptions().root;
  fs::path newest;
  std::error_code error;
  for (const auto& day : fs::directory_iterator(root, error)) {
    for (const auto& run : fs::directory_iterator(day.path(), error)) {
      if (fs::is_regular_file(run.path() / "metrics.csv") && run.path() > newest) newest = run.path();
    }
  }
  if (newest.empty()) {
    throw core::DataError("there is no finished run here", root.string(),
                          "Name a run's folder, or make one with 'normadd run'.");
  }
  return newest;
}

}  // namespace

int report_command(const Arguments& arguments) {
  auto options = report_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  std::vector<fs::path> folders;
  for (const auto& folder : repeated_flag(flags, "folders")) folders.emplace_back(folder);
  if (folders.empty()) folders.push_back(newest_run());
  const bool is_named = flags.count("out") > 0;
  if (folders.size() > 1 && !is_named) {
    throw core::ConfigError("several folders are named, and none for the report", "normadd report",
                            "Say where it shall be written with --out.");
  }
  const fs::path folder = is_named ? fs::path(flags["out"].as<std::string>()) : folders.front() / "report";
  const auto listing = reporting::list_runs(folders);
  const auto written = reporting::write_report(listing, folder);
  fmt::print("Report of {}: {}\n  {} file{}, {:.1f} MB; open it in a browser.\n",
             listing.runs.size() == 1 ? std::string("one run") : fmt::format("{} runs", listing.runs.size()),
             written.page.string(), written.num_files, written.num_files == 1 ? "" : "s",
             static_cast<double>(written.num_bytes) / 1e6);
  return 0;
}

}  // namespace normadd::tools
