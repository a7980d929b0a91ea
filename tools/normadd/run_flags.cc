// SPDX-License-Identifier: Apache-2.0
#include "normadd/run_flags.h"

#include "core/error.h"
#include "normadd/home.h"

namespace normadd::tools {

void add_composition_flags(cxxopts::Options& options) {
  // clang-format off
  options.add_options()
      ("config-name,cn", "main configuration", cxxopts::value<std::string>()->default_value("config"))
      ("config-path,cp", "folder of configurations instead of the program's own", cxxopts::value<std::string>())
      ("config-dir,cd", "further folder of configurations, searched first", cxxopts::value<std::string>())
      ("overrides", "key=value, group=option, +key=value, ++key=value, ~key", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.positional_help("[key=value ...]");
  options.parse_positional({"overrides"});
}

cxxopts::Options run_options() {
  cxxopts::Options options("normadd run", "Runs one job: detector, normality addition, tables and pictures.");
  options.custom_help("[flags]");
  // clang-format off
  options.add_options()
      ("c,cfg", "print the configuration instead of running: job, hydra or all", cxxopts::value<std::string>())
      ("resolve", "with --cfg: resolve interpolations")
      ("p,package", "with --cfg: only the node with this dotted name", cxxopts::value<std::string>())
      ("i,info", "print all, config, defaults, defaults-tree, plugins or searchpath",
       cxxopts::value<std::string>())
      ("keys", "print every configuration key with its meaning and what it may be")
      ("m,multirun", "sweep: a job for each combination of comma-separated values")
      ("new", "with -m: another sweep even if the same one was made before")
      ("dry-run", "print what would be computed, what is cached, and what it takes")
      ("json", "with --dry-run: for scripts")
      ("shell-completion,sc", "print what the shell must know: install=SHELL or uninstall=SHELL, bash, zsh or fish",
       cxxopts::value<std::string>())
      ("q,quiet", "only warnings and the result")
      ("hydra-help", "the flags that are Hydra's, and what differs")
      ("version", "the program's version")
      ("h,help", "this text");
  // clang-format on
  add_composition_flags(options);
  return options;
}

std::vector<std::string> with_info_value(std::vector<std::string> arguments) {
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (*argument != "-i" && *argument != "--info") continue;
    const auto next = argument + 1;
    const bool has_value = next != arguments.end() && !next->starts_with('-') && !next->starts_with('+') &&
                           !next->starts_with('~') && next->find('=') == std::string::npos;
    if (!has_value) argument = arguments.insert(next, "all");
  }
  return arguments;
}

std::vector<std::filesystem::path> search_paths(const cxxopts::ParseResult& flags) {
  std::vector<std::filesystem::path> paths;
  if (flags.count("config-dir") > 0) paths.emplace_back(flags["config-dir"].as<std::string>());
  if (flags.count("config-path") > 0) {
    paths.emplace_back(flags["config-path"].as<std::string>());
  } else {
    paths.push_back(home() / "configs");
  }
  return paths;
}

config::ComposeRequest composition(const cxxopts::ParseResult& flags) {
  config::ComposeRequest request;
  request.search_paths = search_paths(flags);
  for (const auto& path : request.search_paths) {
    if (!std::filesystem::is_directory(path)) {
      throw core::ConfigError("no such configuration folder", path.string(), "Check --config-path and --config-dir.");
    }
  }
  request.config_name = flags["config-name"].as<std::string>();
  request.overrides = repeated_flag(flags, "overrides");
  return request;
}

}  // namespace normadd::tools
