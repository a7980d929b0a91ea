// SPDX-License-Identifier: Apache-2.0
#include "normadd/configuration_parts.h"

namespace normadd::tools {

std::vector<experiment::ConfigurationSection> configuration_parts() { return experiment::configuration_sections(); }

}  // namespace normadd::tools
