// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "config/compose.h"
#include "config/config_files.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "experiment/job.h"
#include "experiment/key_reference.h"
#include "experiment/runner.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/home.h"
#include "normadd/installation.h"
#include "normadd/multirun.h"
#include "sweeps/sweep_options.h"

namespace normadd::tools {
namespace {

cxxopts::Options run_options() {
  cxxopts::Options options("normadd run", "Runs one job: detector, normality addition, tables and pictures.");
  options.custom_help("[flags]");
  options.positional_help("[key=value ...]");
  // clang-format off
  options.add_options()
      ("config-name,cn", "main configuration", cxxopts::value<std::string>()->default_value("config"))
      ("config-path,cp", "folder of configurations instead of the program's own", cxxopts::value<std::string>())
      ("config-dir,cd", "further folder of configurations, searched first", cxxopts::value<std::string>())
      ("c,cfg", "print the configuration instead of running: job", cxxopts::value<std::string>())
      ("resolve", "with --cfg: resolve interpolations")
      ("keys", "print every configuration key with its meaning and what it may be")
      ("m,multirun", "sweep: a job for each combination of comma-separated values")
      ("new", "with -m: another sweep even if the same one was made before")
      ("q,quiet", "only warnings and the result")
      ("h,help", "this text")
      ("overrides", "key=value, group=option, +key=value, ++key=value, ~key", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"overrides"});
  return options;
}

/// What group=option can choose.
std::string config_groups(const std::vector<std::filesystem::path>& search_paths) {
  const config::ConfigFiles files(search_paths);
  std::string text = "Config groups (group=option):\n";
  for (const auto& group : files.groups()) {
    text += fmt::format("  {:<10} {}\n", group, fmt::join(files.options(group), ", "));
  }
  return text + "\nnormadd run --keys explains every key, normadd run --cfg job prints them with their values.\n";
}

}  // namespace

int run_command(const Arguments& arguments) {
  auto options = run_options();
  const auto flags = parse_flags(options, arguments);
  config::ComposeRequest request;
  if (flags.count("config-dir") > 0) request.search_paths.emplace_back(flags["config-dir"].as<std::string>());
  if (flags.count("config-path") > 0) {
    request.search_paths.emplace_back(flags["config-path"].as<std::string>());
  } else {
    request.search_paths.push_back(home() / "configs");
  }
  if (flags.count("help") > 0) {
    fmt::print("{}\n-cn, -cp and -cd are short for --config-name, --config-path and --config-dir.\n\n{}",
               options.help(), config_groups(request.search_paths));
    return 0;
  }
  if (flags.count("keys") > 0) {
    fmt::print("{}{}", experiment::key_reference(), sweeps::key_reference());
    return 0;
  }
  for (const auto& path : request.search_paths) {
    if (!std::filesystem::is_directory(path)) {
      throw core::ConfigError("no such configuration folder", path.string(), "Check --config-path and --config-dir.");
    }
  }
  request.config_name = flags["config-name"].as<std::string>();
  request.overrides = repeated_flag(flags, "overrides");
  if (flags.count("multirun") > 0) return multirun(request, flags.count("new") > 0);
  const config::ComposedConfig composed = config::compose(request);

  if (flags.count("cfg") > 0) {
    const auto what = flags["cfg"].as<std::string>();
    if (what != "job") throw core::ConfigError("--cfg knows only 'job', not '" + what + "'", "", "Use --cfg job.");
    fmt::print("{}", config::to_yaml(flags.count("resolve") > 0 ? config::resolve(composed.config) : composed.config));
    return 0;
  }
  core::set_quiet(flags.count("quiet") > 0);
  if (flags.count("quiet") > 0) core::Progress::set_enabled(false);
  const auto job = experiment::make_job(composed);
  sweeps::check_sweep_nodes(job.resolved);
  const auto result = experiment::run_job(job, installation(), ::isatty(STDOUT_FILENO) != 0);
  fmt::print("{}\nRun folder: {}\n", result.text, result.folder.string());
  return 0;
}

}  // namespace normadd::tools
