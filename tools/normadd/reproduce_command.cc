// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "config/compose.h"
#include "config/sweep_expansion.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/job.h"
#include "experiment/runner.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/installation.h"
#include "normadd/multirun.h"
#include "normadd/paper_experiments.h"
#include "normadd/reproduction_inputs.h"
#include "normadd/run_flags.h"
#include "reporting/reproduction.h"
#include "sweeps/sweep_options.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;

cxxopts::Options reproduce_options() {
  cxxopts::Options options(
      "normadd reproduce",
      "Runs an experiment of a paper and prints ours, published, difference, and whether it is within the stated\n"
      "tolerance; says of every number that cannot be compared why. Writes tables/reproduction.{md,tex,csv} into the "
      "run.\n"
      "Exit code 0: every comparable number is within its tolerance, and there is one; 1: otherwise, and for "
      "--missing\n"
      "when something is missing; 2: bad input.");
  options.custom_help("EXPERIMENT [flags]");
  // clang-format off
  options.add_options()
      ("list", "the experiments, their questions and how many published numbers they have")
      ("missing", "what data and weights it needs, what is there, and where to get the rest; runs nothing")
      ("categories", "some categories only, comma-separated; same as dataset.categories=[...]",
       cxxopts::value<std::string>())
      ("run", "compare this finished run instead of running", cxxopts::value<std::string>())
      ("q,quiet", "only warnings and the result")
      ("h,help", "this text");
  // clang-format on
  add_composition_flags(options);
  options.positional_help("[key=value ...]");
  return options;
}

void print_list(const fs::path& home) {
  const auto sources = published_sources(home);
  for (const auto& experiment : paper_experiments(home)) {
    std::size_t num_numbers = 0;
    for (const auto& source : sources) {
      if (source.label_in(experiment.name).empty()) continue;
      num_numbers += static_cast<std::size_t>(std::count_if(
          source.numbers.begin(), source.numbers.end(), [](const auto& number) { return number.value.has_value(); }));
    }
    fmt::print("{:<36} {:>3} published numbers\n  {}\n", experiment.name, num_numbers, experiment.question);
  }
  fmt::print("\nPublished numbers and their sources: {}\n", (home / "results" / "published").string());
}

/// The first argument without '=' names the experiment; the rest are overrides.
std::string take_name(std::vector<std::string>& arguments, const std::vector<PaperExperiment>& experiments) {
  const auto name = std::find_if(arguments.begin(), arguments.end(), [](const std::string& argument) {
    return argument.find('=') == std::string::npos && !argument.starts_with('~');
  });
  if (name == arguments.end()) {
    throw core::ConfigError("no experiment is named", "normadd reproduce",
                            "E.g. normadd reproduce paper/patchcore; --list shows all.");
  }
  const std::string found = experiment_named(*name, experiments);
  arguments.erase(name);
  return found;
}

config::ComposeRequest request_of(const cxxopts::ParseResult& flags, const std::string& experiment,
                                  const std::vector<std::string>& overrides) {
  config::ComposeRequest request = composition(flags);
  request.overrides = {"experiment=" + experiment};
  if (flags.count("categories") > 0) {
    request.overrides.push_back(
        fmt::format("dataset.categories=[{}]", fmt::join(comma_separated(flags, "categories"), ",")));
  }
  request.overrides.insert(request.overrides.end(), overrides.begin(), overrides.end());
  return request;
}

int compare(const fs::path& run, const std::string& experiment, const fs::path& home) {
  const auto reproduction =
      reporting::compare_with_published(run, experiment, published_sources(home), official_facts());
  fmt::print("{}", reporting::write_reproduction(reproduction, run, ::isatty(STDOUT_FILENO) != 0));
  fmt::print("Tables: {}\n", (run / "tables" / "reproduction.{md,tex,csv}").string());
  return reproduction.holds() ? 0 : 1;
}

int run_and_compare(const config::ComposeRequest& request, const std::string& experiment, const fs::path& home) {
  const auto job = experiment::make_job(config::compose(request));
  sweeps::check_sweep_nodes(job.resolved);
  if (const auto& launcher = sweeps::launcher_node(job.resolved).find("name")->as_string(); launcher != "local") {
    throw core::ConfigError(
        fmt::format("launcher={} does not wait for the run", launcher), "normadd reproduce",
        fmt::format("Run experiment={} with 'normadd run', then compare it with --run FOLDER.", experiment));
  }
  const auto result = experiment::run_job(job, installation());
  fmt::print("Run folder: {}\n\n", result.folder.string());
  return compare(result.folder, experiment, home);
}

bool has_published_numbers(const std::string& experiment, const fs::path& home) {
  const auto sources = published_sources(home);
  return std::any_of(sources.begin(), sources.end(),
                     [&](const auto& source) { return !source.label_in(experiment).empty(); });
}

}  // namespace

int reproduce_command(const Arguments& arguments) {
  auto options = reproduce_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  if (flags.count("list") > 0) {
    print_list(home());
    return 0;
  }
  if (flags.count("quiet") > 0) {
    core::set_quiet(true);
    core::Progress::set_enabled(false);
  }
  auto overrides = repeated_flag(flags, "overrides");
  const std::string experiment = take_name(overrides, paper_experiments(home()));
  if (flags.count("run") > 0) {
    if (!overrides.empty() || flags.count("categories") > 0 || flags.count("missing") > 0) {
      throw core::ConfigError("a finished run takes no overrides, no --categories and no --missing", "--run",
                              "Leave them out, or leave --run out to run anew.");
    }
    return compare(flags["run"].as<std::string>(), experiment, home());
  }
  config::ComposeRequest request = request_of(flags, experiment, overrides);
  if (flags.count("missing") > 0) return print_inputs(request, experiment);
  if (config::asks_for_multirun(request)) {
    const int code = multirun(request, false);
    fmt::print("No published values of {} are known; the tables above are ours alone.\n", experiment);
    return code;
  }
  // Found before hours of computing.
  if (!has_published_numbers(experiment, home())) {
    throw core::ConfigError("no published numbers belong to this experiment", experiment,
                            fmt::format("Run it with normadd run experiment={}.", experiment));
  }
  return run_and_compare(request, experiment, home());
}

}  // namespace normadd::tools
