// SPDX-License-Identifier: Apache-2.0
// Composition of a job's configuration from YAML groups, a defaults list and command-line overrides (Hydra's rules).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/hydra_names.h"
#include "config/value.h"

namespace normadd::config {

struct ComposeRequest {
  std::vector<std::filesystem::path> search_paths;  // first wins
  std::string config_name = "config";
  std::vector<std::string> overrides;
};

struct ComposedConfig {
  Value config;                                              // interpolations still unresolved
  std::vector<std::pair<std::string, std::string>> choices;  // group -> option
  std::vector<std::string> overrides;                        // as given
  std::int64_t job_number = 0;                               // in its sweep, for ${hydra:job.num}
  HydraSettings hydra = {};                                  // of the "hydra" section and of overrides
};

/// Casts and other functions of a single value are carried out; a sweep is refused.
/// Throws ConfigError (unknown group, option or key with the nearest name, bad syntax, duplicate YAML keys, wrong
/// kind).
ComposedConfig compose(const ComposeRequest& request);

/// Replaces every ${...}; "???" stays. Throws ConfigError with the chain of a cycle, or for an unknown key.
Value resolve(const Value& config);

/// The same, with ${hydra:job.num}, ${hydra:job.name}, ${hydra:job.override_dirname} and
/// ${hydra:runtime.choices.GROUP} known.
Value resolve(const ComposedConfig& composed);

/// YAML in a form that every reader understands (floats with dot, risky strings quoted).
std::string to_yaml(const Value& value);

/// Throws ConfigError with file:line.
Value parse_yaml(const std::string& text, const std::string& file);
Value read_yaml(const std::filesystem::path& path);

}  // namespace normadd::config
