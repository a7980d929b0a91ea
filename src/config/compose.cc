// SPDX-License-Identifier: Apache-2.0
#include "config/compose.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "config/aliases.h"
#include "config/apply_override.h"
#include "config/compose_with_files.h"
#include "config/config_files.h"
#include "config/defaults_expansion.h"
#include "config/group_override.h"
#include "config/merge.h"
#include "config/override_functions.h"
#include "config/override_grammar.h"

namespace normadd::config {
namespace {

/// content inside nested maps that stand for the package "a.b".
Value at_package(const Value& content, const std::string& package) {
  Value wrapped = content;
  const auto parts = split_path(package);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Value outer{MapEntries{}};
    outer.source = content.source;
    outer.set(*part, std::move(wrapped));
    wrapped = std::move(outer);
  }
  return wrapped;
}

/// Functions of one value, such as int(3.7), become that value. Throws ConfigError for a sweep.
Override without_functions(Override override, const ConfigFiles& files) {
  if (!override.is_sweep()) return override;
  auto evaluated = evaluate(override, [&] { return files.options(override.key); });
  if (evaluated.is_sweep) override.fail_sweep(evaluated.values.size());
  override.elements = {Element{std::move(evaluated.values.front())}};
  return override;
}

}  // namespace

ComposedConfig compose(ConfigFiles& files, const std::string& config_name, const std::vector<std::string>& overrides) {
  ComposedConfig composed;
  composed.config = MapEntries{};
  composed.overrides = overrides;
  DefaultsExpansion expansion(files);
  std::vector<Override> key_overrides;
  HydraSettings typed;
  for (const auto& text : without_hydra_names(overrides, typed)) {
    Override override = without_functions(parse_override(text), files);
    if (chooses_group(override, files)) {
      expansion.add_group_override(override);
    } else {
      key_overrides.push_back(std::move(override));
    }
  }
  for (const auto& [file, package] : expansion.expand(config_name)) {
    merge_into(composed.config, at_package(file->content, package), "");
  }
  take_hydra_section(composed.config, composed.hydra);
  composed.hydra.is_multirun |= typed.is_multirun;
  composed.hydra.sweep_parameters.insert(composed.hydra.sweep_parameters.end(), typed.sweep_parameters.begin(),
                                         typed.sweep_parameters.end());
  const Aliases aliases = take_aliases(composed.config);
  for (auto& override : key_overrides) {
    override.key = meant_key(override.key, aliases);
    apply_override(composed.config, override, files);
  }
  composed.choices = expansion.choices();
  return composed;
}

ComposedConfig compose(const ComposeRequest& request) {
  ConfigFiles files(request.search_paths);
  return compose(files, request.config_name, request.overrides);
}

namespace {

/// What Hydra's configuration says about a job, as far as ${hydra:...} asks for it.
Value hydra_values(const ComposedConfig& composed) {
  std::vector<std::string> sorted = composed.overrides;
  // An override that is an interpolation would be one here too, and might lead back to this text.
  std::erase_if(sorted, [](const std::string& text) { return text.find("${") != std::string::npos; });
  std::sort(sorted.begin(), sorted.end());
  MapEntries choices;
  for (const auto& [group, option] : composed.choices) choices.emplace_back(group, Value(option));
  return MapEntries{{"job", MapEntries{{"name", Value("normadd")},
                                       {"num", Value(composed.job_number)},
                                       {"override_dirname", Value(fmt::format("{}", fmt::join(sorted, ",")))}}},
                    {"runtime", MapEntries{{"choices", Value(std::move(choices))}}}};
}

}  // namespace

Value resolve(const ComposedConfig& composed) {
  Value config = composed.config;
  // Interpolations see it under Hydra's name; the configuration itself does not keep it.
  config.set("hydra", hydra_values(composed));
  Value resolved = resolve(config);
  resolved.erase("hydra");
  return resolved;
}

}  // namespace normadd::config
