// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/plotting_tool.h"
#include "reporting/figure_files.h"
#include "reporting/run_figures.h"
#include "reporting/run_listing.h"

namespace normadd::tools {
namespace {

cxxopts::Options plot_options() {
  cxxopts::Options options("normadd plot",
                           "Figures of finished runs for a two-column paper, from their folders alone.");
  options.custom_help("[flags]");
  options.positional_help("FOLDER...   (runs, sweeps, or folders that hold them)");
  // clang-format off
  options.add_options()
      ("out", "folder for the figures (default: figures/ in FOLDER, when one is named)", cxxopts::value<std::string>())
      ("figures", fmt::format("which, with commas between (default: all that the runs have numbers for): {}", fmt::join(reporting::figure_families(), ", ")), cxxopts::value<std::string>())
      ("format", "svg, pdf, png, with commas between; the points are always written as CSV", cxxopts::value<std::string>()->default_value("svg"))
      ("python", "the Python with matplotlib that draws pdf and png (default: NORMADD_PYTHON, else python3)", cxxopts::value<std::string>())
      ("h,help", "this text")
      ("folders", "runs, sweeps, or folders that hold them", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"folders"});
  return options;
}

std::vector<std::string> chosen_formats(const cxxopts::ParseResult& flags) {
  const std::vector<std::string> known{"svg", "pdf", "png"};
  auto formats = comma_separated(flags, "format");
  for (const auto& format : formats) {
    if (std::find(known.begin(), known.end(), format) == known.end()) {
      throw core::ConfigError(fmt::format("there is no format '{}'", format), "--format",
                              core::did_you_mean(format, known));
    }
  }
  return formats;
}

std::filesystem::path chosen_place(const cxxopts::ParseResult& flags,
                                   const std::vector<std::filesystem::path>& folders) {
  if (flags.count("out") > 0) {
    const std::filesystem::path out = flags["out"].as<std::string>();
    // A figure's points may have the name of a result, such as scores.csv.
    if (reporting::holds_results(out)) {
      throw core::OutputError("this is the folder of a run or a sweep, whose files must stay", out.string(),
                              fmt::format("Name another, e.g. --out {}.", (out / "figures").string()));
    }
    return out;
  }
  if (folders.size() == 1) return folders.front() / "figures";
  throw core::ConfigError("several folders are named, and none for their figures", "normadd plot", "Add --out FOLDER.");
}

}  // namespace

int plot_command(const Arguments& arguments) {
  auto options = plot_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : repeated_flag(flags, "folders")) folders.emplace_back(folder);
  if (folders.empty()) {
    throw core::ConfigError("no folder is named", "normadd plot",
                            "Name runs or sweeps, e.g. normadd plot results/runs/DATE/TIME_HASH.");
  }
  auto formats = chosen_formats(flags);
  const auto place = chosen_place(flags, folders);
  const bool with_svg = std::erase(formats, "svg") > 0;
  // What is missing is found before anything is read or written.
  std::optional<PlottingTool> tool;
  if (!formats.empty()) tool.emplace(flags.count("python") > 0 ? flags["python"].as<std::string>() : "");
  const auto families = flags.count("figures") > 0 ? comma_separated(flags, "figures") : std::vector<std::string>();
  const auto listing = reporting::list_runs(folders);
  if (listing.num_unfinished > 0)
    core::log_warning(fmt::format("{} runs are not done and left out", listing.num_unfinished));
  const auto figures = reporting::run_figures(listing, families);
  if (figures.empty()) {
    throw core::DataError(
        "these runs have no numbers for such figures, or are more than the 8 that share one", folders.front().string(),
        "Name fewer folders, or leave --figures out to see which there are; docs/figures.md says what each needs.");
  }
  reporting::write_figures(place, figures, with_svg);
  if (tool) tool->draw(place, formats);
  for (const auto& figure : figures) fmt::print("{:<32} {}\n", figure.name, figure.title);
  fmt::print("{} figures with their points in {}\n", figures.size(), place.string());
  return 0;
}

}  // namespace normadd::tools
