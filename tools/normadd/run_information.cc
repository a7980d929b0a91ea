// SPDX-License-Identifier: Apache-2.0
#include "normadd/run_information.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/config_files.h"
#include "config/defaults_tree.h"
#include "core/error.h"
#include "core/nearest_name.h"
#include "detectors/registry.h"
#include "experiment/dataset_readers.h"
#include "experiment/hydra_section.h"
#include "experiment/job.h"
#include "experiment/key_reference.h"
#include "normadd/completion_script.h"
#include "normadd/run_flags.h"
#include "normality/registry.h"
#include "sweeps/configuration_sections.h"
#include "sweeps/launcher.h"
#include "sweeps/sweeper_options.h"

namespace normadd::tools {
namespace {

constexpr const char* kHydraHelp =
    R"help(Flags that are Hydra's, with Hydra's meaning:

  -c, --cfg job|hydra|all      print the configuration; --resolve replaces ${...}; -p, --package NODE prints one node
  -i, --info [WHAT]            all, config, defaults, defaults-tree, plugins or searchpath
  -m, --multirun               sweep: every combination of a,b and choice(), range(), glob()
  -cn, --config-name NAME      main configuration, without .yaml
  -cp, --config-path FOLDER    configurations instead of the program's own
  -cd, --config-dir FOLDER     further configurations, searched first (Hydra searches them last)
  -sc, --shell-completion      eval "$(normadd run -sc install=bash)";
bash, zsh and fish;
uninstall = SHELL - h, --help;
--hydra - help;
--version

    Overrides : key = value,
                +key = value, ++key = value, ~key, group = option,
                group @package = option.Different from Hydra : 'a=b=c' needs no quotes, 'list+=x' appends,
                unknown keys are errors also after '+', and the section "hydra" tells what was chosen; a run's folder is set by run.dir.
)help";

std::string config_groups(const std::vector<std::filesystem::path>& paths) {
  const config::ConfigFiles files(paths);
  std::string text = "Config groups (group=option):\n";
  for (const auto& group : files.groups()) {
    // Options of sub-groups are listed with their group, after its own.
    if (group.find('/') != std::string::npos) continue;
    auto options = files.options(group);
    std::stable_partition(options.begin(), options.end(),
                          [](const std::string& option) { return option.find('/') == std::string::npos; });
    text += fmt::format("  {:<10} {}\n", group, fmt::join(options, ", "));
  }
  return text + "\nnormadd run --keys explains every key, normadd run --cfg job prints them with their values.\n";
}

std::string node_text(const config::Value& config, const std::string& package) {
  if (package.empty() || package == "_global_") return config::to_yaml(config);
  const config::Value* node = config.find_path(package);
  if (node == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, value] : config.as_map()) names.push_back(name);
    throw core::ConfigError(fmt::format("the configuration has no node '{}'", package), "--package",
                            core::did_you_mean(package, names));
  }
  if (node->is_map() || node->is_list()) return fmt::format("# @package {}\n{}", package, config::to_yaml(*node));
  return node->is_string() ? node->as_string() + "\n" : config::to_yaml(*node);
}

std::string configuration_text(const cxxopts::ParseResult& flags) {
  const auto what = flags["cfg"].as<std::string>();
  if (what != "job" && what != "hydra" && what != "all") {
    throw core::ConfigError(fmt::format("--cfg knows job, hydra and all, not '{}'", what), "", "Use --cfg job.");
  }
  const auto composed = config::compose(composition(flags));
  config::Value shown = what == "hydra" ? config::Value(config::MapEntries{}) : composed.config;
  if (what != "job") {
    const config::Value hydra = experiment::hydra_section(composed, "");
    shown.set("hydra", *hydra.find("hydra"));
  }
  if (flags.count("resolve") > 0) shown = config::resolve(shown);
  return node_text(shown, flags.count("package") > 0 ? flags["package"].as<std::string>() : "");
}

std::string titled(const std::string& title, const std::string& text) {
  return fmt::format("\n{}\n{}\n{}", title, std::string(title.size(), '*'), text);
}

std::string plugins_text() {
  return fmt::format("Detectors: {}\nNormality detectors: {}\nDataset readers: {}\nLaunchers: {}\nSweepers: {}\n",
                     fmt::join(detectors::detector_names(), ", "),
                     fmt::join(normality::normality_detector_names(), ", "),
                     fmt::join(experiment::dataset_reader_names(), ", "), fmt::join(sweeps::launcher_names(), ", "),
                     fmt::join(sweeps::sweeper_names(), ", "));
}

std::string search_path_rows(const cxxopts::ParseResult& flags) {
  std::string text;
  for (const auto& path : search_paths(flags)) text += path.string() + "\n";
  return text;
}

std::string information(const cxxopts::ParseResult& flags) {
  const auto what = flags["info"].as<std::string>();
  const std::vector<std::string> known{"all", "config", "defaults", "defaults-tree", "plugins", "searchpath"};
  if (std::find(known.begin(), known.end(), what) == known.end()) {
    throw core::ConfigError(fmt::format("--info knows {}, not '{}'", fmt::join(known, ", "), what), "",
                            core::did_you_mean(what, known));
  }
  const auto wanted = [&](const char* part) { return what == part || what == "all"; };
  const auto request = composition(flags);
  std::string text;
  if (what == "all") text += fmt::format("normadd {}\n", NORMADD_VERSION);
  if (wanted("plugins")) text += titled("Plugins", plugins_text());
  if (wanted("searchpath")) text += titled("Config search path", search_path_rows(flags));
  if (wanted("defaults-tree")) text += titled("Defaults Tree", config::tree_text(config::defaults_tree(request)));
  if (wanted("defaults")) text += titled("Defaults List", config::list_text(config::defaults_tree(request)));
  if (wanted("config")) text += titled("Config", config::to_yaml(config::compose(request).config));
  return text.substr(text.starts_with('\n') ? 1 : 0);
}

}  // namespace

bool answer(const cxxopts::Options& options, const cxxopts::ParseResult& flags) {
  if (flags.count("help") > 0) {
    fmt::print(
        "{}\n-cn, -cp, -cd and -sc are short for --config-name, --config-path, --config-dir and "
        "--shell-completion.\n\n{}",
        options.help(), config_groups(search_paths(flags)));
  } else if (flags.count("hydra-help") > 0) {
    fmt::print("{}", kHydraHelp);
  } else if (flags.count("version") > 0) {
    fmt::print("normadd {}\n", NORMADD_VERSION);
  } else if (flags.count("keys") > 0) {
    fmt::print("{}", experiment::key_reference(sweeps::configuration_sections()));
  } else if (flags.count("shell-completion") > 0) {
    fmt::print("{}", answer_shell(flags["shell-completion"].as<std::string>()));
  } else if (flags.count("cfg") > 0) {
    fmt::print("{}", configuration_text(flags));
  } else if (flags.count("info") > 0) {
    fmt::print("{}", information(flags));
  } else {
    if (flags.count("resolve") > 0 || flags.count("package") > 0) {
      throw core::ConfigError("--resolve and --package say how to print the configuration", "", "Add --cfg job.");
    }
    return false;
  }
  return true;
}

}  // namespace normadd::tools
