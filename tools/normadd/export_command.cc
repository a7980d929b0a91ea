// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/nearest_name.h"
#include "experiment/mvtec_maps.h"
#include "exports/dvc_export.h"
#include "exports/tensorboard_export.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "reporting/run_listing.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

cxxopts::Options export_options(const std::string& what, const std::string& help, const std::string& out_help) {
  cxxopts::Options options("normadd export " + what, help);
  options.custom_help("[flags]");
  options.positional_help("FOLDER...   (runs, sweeps, or folders that hold them)");
  // clang-format off
  options.add_options()
      ("out", out_help, cxxopts::value<std::string>())
      ("h,help", "this text")
      ("folders", "runs, sweeps, or folders that hold them", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"folders"});
  return options;
}

reporting::RunListing runs_of(const cxxopts::ParseResult& flags, const std::string& what) {
  std::vector<fs::path> folders;
  for (const auto& folder : repeated_flag(flags, "folders")) folders.emplace_back(folder);
  if (folders.empty()) {
    throw core::ConfigError(
        "no folder is named", "normadd export " + what,
        fmt::format("Name runs or sweeps, e.g. normadd export {} results/runs/DATE/TIME_HASH.", what));
  }
  return reporting::list_runs(folders, true);
}

std::optional<fs::path> out_of(const cxxopts::ParseResult& flags) {
  if (flags.count("out") == 0) return std::nullopt;
  return fs::path(flags["out"].as<std::string>());
}

void print_left_out(std::size_t num_undefined, const reporting::RunListing& listing) {
  if (num_undefined > 0) fmt::print("left out: {} undefined values\n", num_undefined);
  if (listing.num_unfinished > 0) fmt::print("passed over: {} runs that are not done\n", listing.num_unfinished);
}

int export_to_tensorboard(const Arguments& arguments) {
  auto options = export_options(
      "tensorboard", "Writes event files for TensorBoard: scalars, the HPARAMS tab, at most 8 panels per category.",
      "one log directory for all runs (default: tb/ in each run, or in the sweep)");
  options.add_options()("controls", "also the numbers of control suppressions");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto listing = runs_of(flags, "tensorboard");
  const auto report = exports::export_tensorboard(listing, {out_of(flags), flags.count("controls") > 0});
  fmt::print("{} runs: {} scalars, {} pictures\n", report.num_runs, report.num_scalars, report.num_images);
  print_left_out(report.num_undefined, listing);
  for (const auto& folder : report.log_directories) fmt::print("tensorboard --logdir {}\n", folder.string());
  return 0;
}

int export_to_dvc(const Arguments& arguments) {
  auto options = export_options("dvc", "Writes what DVC reads: metrics.json, params.yaml, plots/*.csv and dvc.yaml.",
                                "a folder for each run below this one (default: the runs' own folders)");
  options.add_options()("controls", "also the numbers of control suppressions");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto listing = runs_of(flags, "dvc");
  const auto report = exports::export_dvc(listing, {out_of(flags), flags.count("controls") > 0});
  fmt::print("{} runs: {} values, {} curves\n", report.folders.size(), report.num_values, report.num_curves);
  print_left_out(report.num_undefined, listing);
  for (const auto& folder : report.folders) fmt::print("{}\n", (folder / "dvc.yaml").string());
  return 0;
}

int export_mvtec_maps(const Arguments& arguments) {
  auto options = export_options("mvtec-maps",
                                "Writes the anomaly maps that a run kept (run.save_maps=true) in the size of their "
                                "pictures, as MVTec's evaluation scripts read them.",
                                "where to (default: mvtec_maps/ in each run)");
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const auto listing = runs_of(flags, "mvtec-maps");
  const auto out = out_of(flags);
  if (out && listing.runs.size() > 1) {
    throw core::ConfigError("several runs would write into one folder", "--out", "Name one run, or leave --out away.");
  }
  for (const auto& run : listing.runs) {
    for (const auto& written : experiment::export_mvtec_maps(run, out.value_or(run.folder / "mvtec_maps"))) {
      fmt::print("{}: {} maps\n", written.folder.string(), written.num_maps);
    }
  }
  return 0;
}

}  // namespace

int export_command(const Arguments& arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  const Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (what == "tensorboard") return export_to_tensorboard(rest);
  if (what == "dvc") return export_to_dvc(rest);
  if (what == "mvtec-maps") return export_mvtec_maps(rest);
  if (what == "-h" || what == "--help") {
    fmt::print("Usage: normadd export tensorboard|dvc|mvtec-maps [flags] FOLDER...; each has --help.\n");
    return 0;
  }
  throw core::ConfigError("unknown verb 'export " + what + "'", "",
                          core::did_you_mean(what, {"tensorboard", "dvc", "mvtec-maps"}));
}

}  // namespace normadd::tools
