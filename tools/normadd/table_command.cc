// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "reporting/compat_tables.h"
#include "reporting/provenance.h"
#include "reporting/run_listing.h"
#include "reporting/table_set.h"
#include "reporting/table_views.h"

namespace normadd::tools {
namespace {

constexpr const char* kViews = R"(
Views:
  ablation     one row per configuration, the keys that differ as columns (default)
  summary      one row per detector: before, after, gain with its interval, S-AUROC, collateral
  categories   category x metric, for each detector
  detectors    detector x category, for each --metric (default image_auroc_original)
  pairs        one row per added type, for each detector, prompt set and fusion
  types        image AUROC of each defect type against good, a column per detector

Numbers are x 100 and rounded, unrounded 0-1 in csv. Runs that differ in the seed alone share a row: mean and standard
deviation (n - 1). [low, high]: 95 % bootstrap interval; *: it excludes 0. See docs/tables.md.

Examples:
  normadd table results/sweeps/DATE/TIME_HASH
  normadd table results/runs/DATE/TIME_HASH --view detectors --metric aupro_original --format latex --out aupro.tex
  normadd table results/runs/DATE/TIME_HASH --compat patchcore --detector patchcore --out results.csv
)";

cxxopts::Options table_options() {
  cxxopts::Options options("normadd table", "Compares finished runs in tables for people, papers and programs.");
  options.custom_help("[flags]");
  options.positional_help("FOLDER...   (runs, sweeps, or folders that hold them)");
  // clang-format off
  options.add_options()
      ("view", "which table, see below", cxxopts::value<std::string>()->default_value("ablation"))
      ("metric", "a metric of metrics.csv as column, or as table of the view detectors; may be repeated (default: those of a run's summary)", cxxopts::value<std::vector<std::string>>())
      ("detector", "only this one", cxxopts::value<std::string>())
      ("by-seed", "a row for each seed, instead of mean and standard deviation over the seeds")
      ("by-category", "means over categories instead of pairs")
      ("mean-first", "the view detectors begins with the mean")
      ("controls", "also the control suppressions")
      ("no-intervals", "without bootstrap intervals: faster for thousands of runs")
      ("format", "text, markdown, latex (booktabs), html or csv (unrounded, 0-1)", cxxopts::value<std::string>()->default_value("text"))
      ("compat", "another tool's results.csv instead of a view: patchcore or anomalib", cxxopts::value<std::string>())
      ("out", "file instead of the terminal", cxxopts::value<std::string>())
      ("h,help", "this text")
      ("folders", "runs, sweeps, or folders that hold them", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"folders"});
  return options;
}

/// What was typed, as a shell reads it.
std::string command_text(const Arguments& arguments) {
  std::string text = "normadd table";
  for (const auto& argument : arguments) {
    const bool is_plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 ||
             std::string_view("_./=:,@%+-").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (is_plain) {
      text += ' ' + argument;
      continue;
    }
    text += " '";
    for (const char c : argument) text += c == '\'' ? "'\\''" : std::string(1, c);
    text += "'";
  }
  return text;
}

std::string compat_text(const cxxopts::ParseResult& flags, const reporting::RunListing& listing,
                        const std::string& detector) {
  const auto table = reporting::compat_table(listing, flags["compat"].as<std::string>(), detector);
  for (const auto& warning : table.warnings) core::log_warning(warning);
  return core::csv_text(table.csv);
}

}  // namespace

int table_command(const Arguments& arguments) {
  auto options = table_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}{}", options.help(), kViews);
    return 0;
  }
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : repeated_flag(flags, "folders")) folders.emplace_back(folder);
  if (folders.empty()) {
    throw core::ConfigError("no folder is named", "normadd table",
                            "Name runs or sweeps, e.g. normadd table results/sweeps/DATE/TIME_HASH.");
  }
  // An unknown format is found before the reading.
  const auto format = reporting::parse_table_format(flags["format"].as<std::string>());
  reporting::ViewOptions chosen;
  chosen.rows.by_seed = flags.count("by-seed") > 0;
  chosen.rows.by_category = flags.count("by-category") > 0;
  chosen.rows.with_controls = flags.count("controls") > 0;
  chosen.rows.with_intervals = flags.count("no-intervals") == 0;
  chosen.rows.detector = flags.count("detector") > 0 ? flags["detector"].as<std::string>() : "";
  chosen.rows.metrics = repeated_flag(flags, "metric");
  chosen.mean_first = flags.count("mean-first") > 0;

  const auto listing = reporting::list_runs(folders);
  const bool to_file = flags.count("out") > 0;
  const std::filesystem::path out = to_file ? flags["out"].as<std::string>() : std::string();
  if (to_file && std::filesystem::exists(out) && reporting::holds_results(out.parent_path())) {
    throw core::OutputError("the file belongs to a run or a sweep and must stay", out.string(),
                            "Name another file with --out.");
  }
  std::string text;
  if (flags.count("compat") > 0) {
    text = compat_text(flags, listing, chosen.rows.detector);
  } else {
    auto tables = reporting::view_tables(listing, flags["view"].as<std::string>(), chosen);
    const auto provenance = reporting::view_provenance(listing, command_text(arguments));
    for (auto& table : tables) table.provenance = provenance;
    text = reporting::rendered(tables, format, !to_file && ::isatty(STDOUT_FILENO) != 0);
  }
  if (to_file) {
    core::write_file_atomically(out, text);
  } else {
    fmt::print("{}", text);
  }
  return 0;
}

}  // namespace normadd::tools
