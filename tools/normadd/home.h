// SPDX-License-Identifier: Apache-2.0
// Where the program's own configs/ and data/ are.
#pragma once

#include <filesystem>

namespace normadd::tools {

/// NORMADD_HOME if set, else the nearest folder above the program that has configs/config.yaml.
/// Throws ConfigError when there is none.
std::filesystem::path home();

/// Puts home() into the environment as NORMADD_HOME, so that configs can say ${oc.env:NORMADD_HOME}.
void publish_home();

}  // namespace normadd::tools
