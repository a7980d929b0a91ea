// SPDX-License-Identifier: Apache-2.0
// Every key of a job's configuration, told by the declarations that also check it.
#pragma once

#include <string>
#include <vector>

#include "experiment/configuration_sections.h"

namespace normadd::experiment {

/// One line per key: dotted name, meaning, what it may be. Components that a name chooses (detector, normality
/// detector, dataset reader) have a part each.
std::string key_reference(const std::vector<ConfigurationSection>& sections);

}  // namespace normadd::experiment
