// SPDX-License-Identifier: Apache-2.0
// compose() over files that are already open, for many jobs.
#pragma once

#include <string>
#include <vector>

#include "config/compose.h"
#include "config/config_files.h"

namespace normadd::config {

/// As compose(request) does.
ComposedConfig compose(ConfigFiles& files, const std::string& config_name, const std::vector<std::string>& overrides);

}  // namespace normadd::config
