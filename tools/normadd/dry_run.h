// SPDX-License-Identifier: Apache-2.0
// What a run or a sweep would compute, without computing it.
#pragma once

#include "config/compose.h"
#include "config/sweep_expansion.h"

namespace normadd::tools {

/// Prints how many cells and distinct stages the jobs have, what the cache holds of them, and the time and memory of
/// the rest. Throws what the jobs would throw before their start.
int dry_run(const config::ComposeRequest& request, const std::vector<config::SweptOverrides>& jobs, bool as_json);

}  // namespace normadd::tools
