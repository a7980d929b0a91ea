// SPDX-License-Identifier: Apache-2.0
// Applying key overrides to a composed configuration. Source: Hydra 1.3, ConfigLoaderImpl._apply_overrides_to_config.
#pragma once

#include "config/config_files.h"
#include "config/override_grammar.h"
#include "config/value.h"

namespace normadd::config {

/// files tells whether a mistyped key names a group ("did you mean app/db=mysql").
/// Throws ConfigError: unknown key with the nearest one, "+" on an existing key, a scalar over a map, a sweep.
void apply_override(Value& config, const Override& override, const ConfigFiles& files);

}  // namespace normadd::config
