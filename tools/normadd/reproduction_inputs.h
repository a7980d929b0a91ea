// SPDX-License-Identifier: Apache-2.0
// What data and weights an experiment needs, and which of them are on this machine.
#pragma once

#include <string>

#include "config/compose.h"

namespace normadd::tools {

/// Prints each dataset and each file of weights that the jobs of the request need, with its size, whether it is there,
/// and if not, where to get it. Reads names and sizes only. Returns 0 when everything is there, 1 otherwise.
int print_inputs(const config::ComposeRequest& request, const std::string& experiment);

}  // namespace normadd::tools
