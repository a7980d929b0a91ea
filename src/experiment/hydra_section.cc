// SPDX-License-Identifier: Apache-2.0
#include "experiment/hydra_section.h"

#include <filesystem>

namespace normadd::experiment {

using config::MapEntries;
using config::Value;

config::Value hydra_section(const config::ComposedConfig& composed, const std::string& output_dir) {
  config::List overrides;
  for (const auto& text : composed.overrides) overrides.emplace_back(text);
  MapEntries choices;
  for (const auto& [group, option] : composed.choices) {
    choices.emplace_back(group, option == "null" ? Value() : Value(option));
  }
  const Value runtime(MapEntries{{"version", Value(NORMADD_VERSION)},
                                 {"cwd", Value(std::filesystem::current_path().string())},
                                 {"output_dir", Value(output_dir.empty() ? "???" : output_dir)},
                                 {"choices", Value(std::move(choices))}});
  return Value(MapEntries{{"hydra", Value(MapEntries{{"job", Value(MapEntries{{"name", Value("normadd")}})},
                                                     {"overrides", Value(MapEntries{{"task", Value(overrides)}})},
                                                     {"runtime", runtime}})}});
}

}  // namespace normadd::experiment
