// SPDX-License-Identifier: Apache-2.0
// Every node of the configuration with its declared fields: a job's, and those that say how jobs are run.
#pragma once

#include <vector>

#include "experiment/configuration_sections.h"

namespace normadd::sweeps {

std::vector<experiment::ConfigurationSection> configuration_sections();

}  // namespace normadd::sweeps
