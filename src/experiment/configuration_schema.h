// SPDX-License-Identifier: Apache-2.0
// The configuration as a JSON Schema (draft 2020-12), for editors that check and complete YAML.
#pragma once

#include <string>
#include <vector>

#include "experiment/configuration_sections.h"

namespace normadd::experiment {

/// Of a composed configuration: types, defaults, ranges and fixed sets of values as the options declare them. Values
/// may be interpolations ("${...}") or missing ("???") wherever they stand.
std::string configuration_schema(const std::vector<ConfigurationSection>& sections);

}  // namespace normadd::experiment
