// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "reporting/ablation_table.h"
#include "reporting/run_listing.h"
#include "reporting/table.h"

namespace normadd::tools {
namespace {

cxxopts::Options table_options() {
  cxxopts::Options options("normadd table",
                           "Compares finished runs: one row per configuration, the keys that differ as columns.");
  options.custom_help("[flags]");
  options.positional_help("FOLDER...   (runs, sweeps, or folders that hold them)");
  // clang-format off
  options.add_options()
      ("metric", "a metric of metrics.csv as column; may be repeated (default: those of a run's summary)", cxxopts::value<std::vector<std::string>>())
      ("by-seed", "a row for each seed, instead of mean and standard deviation over the seeds")
      ("by-category", "means over categories instead of pairs")
      ("controls", "also the control suppressions")
      ("format", "text, markdown or csv (unrounded, 0-1)", cxxopts::value<std::string>()->default_value("text"))
      ("out", "file instead of the terminal", cxxopts::value<std::string>())
      ("h,help", "this text")
      ("folders", "runs, sweeps, or folders that hold them", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"folders"});
  return options;
}

std::string rendered(const reporting::Table& table, const std::string& format, bool styled) {
  if (format == "text") return reporting::terminal_text(table, styled);
  if (format == "markdown") return reporting::markdown_text(table);
  if (format == "csv") return core::csv_text(reporting::csv_table(table));
  throw core::ConfigError(fmt::format("there is no format '{}'", format), "--format",
                          core::did_you_mean(format, {"text", "markdown", "csv"}));
}

}  // namespace

int table_command(const Arguments& arguments) {
  auto options = table_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : repeated_flag(flags, "folders")) folders.emplace_back(folder);
  if (folders.empty()) {
    throw core::ConfigError("no folder is named", "normadd table",
                            "Name runs or sweeps, e.g. normadd table results/sweeps/DATE/TIME_HASH.");
  }
  const auto format = flags["format"].as<std::string>();
  rendered({}, format, false);  // an unknown format is found before the reading
  const reporting::AblationOptions chosen{flags.count("by-seed") > 0, flags.count("controls") > 0,
                                          flags.count("by-category") > 0, true, repeated_flag(flags, "metric")};
  const reporting::Table table = reporting::ablation_table(reporting::list_runs(folders), chosen);
  const bool to_file = flags.count("out") > 0;
  const std::string text = rendered(table, format, !to_file && ::isatty(STDOUT_FILENO) != 0);
  if (to_file) {
    core::write_file_atomically(flags["out"].as<std::string>(), text);
  } else {
    fmt::print("{}", text);
  }
  return 0;
}

}  // namespace normadd::tools
