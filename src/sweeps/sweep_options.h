// SPDX-License-Identifier: Apache-2.0
// Node "sweep": where a sweep's folder is, and what becomes of jobs that fail.
#pragma once

#include <optional>
#include <string>

#include "config/options.h"
#include "config/value.h"

namespace normadd::sweeps {

struct SweepOptions {
  std::optional<std::string> dir;  // null = root/DATE/TIME_HASH
  std::string root = "results/sweeps";
  std::string on_error = "continue";
  std::optional<int> max_failures;
  int max_attempts = 3;
  void describe(config::Options& options);
};

/// Of a resolved configuration; without the node, the defaults. Throws ConfigError.
SweepOptions sweep_options(const config::Value& resolved);

/// The launcher's node of a resolved configuration; without it, that of the local launcher.
config::Value launcher_node(const config::Value& resolved);

/// Checks the nodes that make_job leaves alone: sweep and launcher. Throws ConfigError.
void check_sweep_nodes(const config::Value& resolved);

}  // namespace normadd::sweeps
