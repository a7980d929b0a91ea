// SPDX-License-Identifier: Apache-2.0
// Which overrides change the defaults list rather than a key.
#pragma once

#include "config/config_files.h"
#include "config/override_grammar.h"

namespace normadd::config {

/// Whether the override chooses a group's option. Throws ConfigError for an unknown group.
bool chooses_group(const Override& override, const ConfigFiles& files);

}  // namespace normadd::config
