// SPDX-License-Identifier: Apache-2.0
// Every section of the configuration that the program knows, of all rooms.
#pragma once

#include <vector>

#include "experiment/configuration_sections.h"

namespace normadd::tools {

std::vector<experiment::ConfigurationSection> configuration_parts();

}  // namespace normadd::tools
