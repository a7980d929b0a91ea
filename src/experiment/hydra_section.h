// SPDX-License-Identifier: Apache-2.0
// The section "hydra" of a run: what was asked for on the command line and what it chose.
#pragma once

#include <string>

#include "config/compose.h"

namespace normadd::experiment {

/// A map with the single key "hydra": job.name, overrides.task, runtime.{version, cwd, output_dir, choices}.
/// output_dir: empty for a run that has no folder yet, where it is "???".
config::Value hydra_section(const config::ComposedConfig& composed, const std::string& output_dir);

}  // namespace normadd::experiment
