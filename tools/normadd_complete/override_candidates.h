// SPDX-License-Identifier: Apache-2.0
// Completion of overrides: groups and their options, keys of the composed configuration, values that can be listed.
#pragma once

#include <string>
#include <vector>

#include "config/compose.h"
#include "normadd_complete/catalog.h"

namespace normadd::completion {

/// Whole words that begin with current. request.overrides: the other overrides of the line, sweeps among them.
std::vector<std::string> override_candidates(const Catalog& catalog, const config::ComposeRequest& request,
                                             const std::string& current);

/// Files and folders (these with '/') that begin with the path typed so far, with that path's own spelling.
std::vector<std::string> path_candidates(const std::string& typed, bool only_folders);

}  // namespace normadd::completion
