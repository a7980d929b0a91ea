// SPDX-License-Identifier: Apache-2.0
// Every node of a job's configuration with its declared fields; components that a name chooses have a section each.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"

namespace normadd::experiment {

struct ConfigurationSection {
  std::string title;         // for people
  std::string node;          // "fusion"; empty for the scalars at the top
  std::string selector_key;  // "name" or "reader" where the node's fields depend on it, otherwise empty
  std::string selector;      // its value that these fields belong to
  std::vector<config::Field> fields;
  bool may_be_absent = false;  // the node as a whole
};

/// All but those of sweeps, which stand above this room: see sweeps/configuration_sections.h.
std::vector<ConfigurationSection> configuration_sections();

}  // namespace normadd::experiment
