// SPDX-License-Identifier: Apache-2.0
#include "config/hydra_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "config/merge.h"
#include "config/override_grammar.h"
#include "config/override_text.h"
#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::config {
namespace {

constexpr std::string_view kHydra = "hydra.";
constexpr std::string_view kParameters = "hydra.sweeper.params.";

/// Keys that other sections have, without their hydra part.
constexpr std::pair<std::string_view, std::string_view> kMovedKeys[] = {
    {"hydra.sweep.dir", "sweep.dir"}, {"hydra.run.dir", "run.dir"}};
/// Sections that move as a whole.
constexpr std::pair<std::string_view, std::string_view> kMovedSections[] = {{"hydra.launcher.", "launcher."},
                                                                            {"hydra.sweeper.", "sweeper."}};
constexpr std::pair<std::string_view, std::string_view> kOptionNames[] = {
    {"submitit_slurm", "slurm"}, {"submitit_local", "local"}, {"joblib", "local"}, {"optuna", "tpe"}};
/// Accepted and without effect here: this program has no log levels of single modules.
constexpr std::string_view kIgnoredKeys[] = {"hydra.verbose", "hydra.job.name", "hydra.job.chdir", "hydra.output_subdir"};

std::vector<std::string> known_keys() {
  std::vector<std::string> keys{"hydra.mode", "hydra.sweeper.params", "hydra.launcher", "hydra.sweeper"};
  for (const auto& [from, to] : kMovedKeys) keys.emplace_back(from);
  for (const auto& key : kIgnoredKeys) keys.emplace_back(key);
  return keys;
}

bool is_ignored(const std::string& key) {
  return std::find(std::begin(kIgnoredKeys), std::end(kIgnoredKeys), key) != std::end(kIgnoredKeys);
}

[[noreturn]] void fail_unknown(const std::string& key, const Source& source) {
  throw core::ConfigError(fmt::format("'{}' means nothing here", key),
                          source.file.empty() ? "command line" : source_text(source),
                          core::did_you_mean(key, known_keys()));
}

std::optional<std::string> our_key(const std::string& key) {
  for (const auto& [from, to] : kMovedKeys) {
    if (key == from) return std::string(to);
  }
  for (const auto& [from, to] : kMovedSections) {
    if (key.starts_with(from)) return fmt::format("{}{}", to, key.substr(from.size()));
  }
  return std::nullopt;
}

bool multirun_of(const std::string& mode, const Source& source) {
  std::string upper = mode;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper == "MULTIRUN") return true;
  if (upper == "RUN") return false;
  throw core::ConfigError(fmt::format("there is no mode '{}'", mode),
                          source.file.empty() ? "hydra.mode" : source_text(source), "Take RUN or MULTIRUN.");
}

/// The right-hand side of an override as it was typed.
std::string typed_value(const std::string& text) { return text.substr(text.find('=') + 1); }

std::string renamed_option(const std::string& group, const std::string& option) {
  if (option == "basic") return group == "launcher" ? "local" : "grid";
  for (const auto& [from, to] : kOptionNames) {
    if (option == from) return std::string(to);
  }
  return option;
}

/// A list of values as a sweep over them, a text as the override grammar reads it.
std::string sweep_text(const Value& value, const std::string& key) {
  if (value.is_string()) return value.as_string();
  if (!value.is_list()) return override_text(value);
  std::string text;
  for (const auto& item : value.as_list()) text += (text.empty() ? "" : ",") + override_text(item);
  if (text.empty()) {
    throw core::ConfigError("the sweep has no values", source_text(value.source),
                            fmt::format("Give {} at least one.", key));
  }
  return text;
}

/// hydra.launcher.partition and the like, from the leaves of the section.
void take_leaves(const Value& node, const std::string& key, Value& moved, HydraSettings& settings) {
  if (key == "hydra.sweeper.params") {
    if (node.is_null()) return;
    if (!node.is_map()) {
      throw core::ConfigError("hydra.sweeper.params is not a map", source_text(node.source),
                              "Write a line 'key: value1,value2' for each key.");
    }
    for (const auto& [name, value] : node.as_map())
      settings.sweep_parameters.emplace_back(name, sweep_text(value, name));
    return;
  }
  if (key == "hydra.mode") {
    if (!node.is_null()) settings.is_multirun = multirun_of(node.is_string() ? node.as_string() : "", node.source);
    return;
  }
  if (is_ignored(key)) return;
  if (node.is_map()) {
    for (const auto& [name, value] : node.as_map()) take_leaves(value, key + "." + name, moved, settings);
    return;
  }
  const auto target = our_key(key);
  if (!target) fail_unknown(key, node.source);
  const auto parts = split_path(*target);
  Value wrapped = node;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Value outer{MapEntries{}};
    outer.set(*part, std::move(wrapped));
    wrapped = std::move(outer);
  }
  merge_into(moved, wrapped, "");
}

}  // namespace

std::vector<std::string> without_hydra_names(const std::vector<std::string>& overrides, HydraSettings& settings) {
  std::vector<std::string> kept;
  for (const auto& text : overrides) {
    const auto begin = text.find_first_not_of("+~");
    const std::string body = begin == std::string::npos ? "" : text.substr(begin);
    if (!body.starts_with("hydra.") && !body.starts_with("hydra/")) {
      kept.push_back(text);
      continue;
    }
    const Override override = parse_override(text);
    const std::string prefix = text.substr(0, begin);
    if (body.starts_with("hydra/")) {
      const std::string group = override.key.substr(std::string_view("hydra/").size());
      if (group != "launcher" && group != "sweeper") fail_unknown(override.key, {});
      kept.push_back(fmt::format("{}{}={}", prefix, group, renamed_option(group, typed_value(text))));
    } else if (override.key == "hydra.mode") {
      settings.is_multirun = multirun_of(typed_value(text), {});
    } else if (override.key.starts_with(kParameters)) {
      settings.sweep_parameters.emplace_back(override.key.substr(kParameters.size()), typed_value(text));
    } else if (const auto key = our_key(override.key)) {
      kept.push_back(fmt::format("{}{}={}", prefix, *key, typed_value(text)));
    } else if (!is_ignored(override.key)) {
      fail_unknown(override.key, {});
    }
  }
  return kept;
}

void take_hydra_section(Value& config, HydraSettings& settings) {
  const Value* node = config.find("hydra");
  if (node == nullptr) return;
  const Value section = *node;
  config.erase("hydra");
  if (section.is_null()) return;
  if (!section.is_map()) {
    throw core::ConfigError("'hydra' is not a section", source_text(section.source),
                            "Write 'mode: MULTIRUN' below it.");
  }
  Value moved{MapEntries{}};
  take_leaves(section, std::string(kHydra.substr(0, kHydra.size() - 1)), moved, settings);
  merge_into(config, moved, "");
}

}  // namespace normadd::config
