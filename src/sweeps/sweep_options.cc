// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_options.h"

#include <fmt/format.h>

#include "core/error.h"
#include "sweeps/launcher.h"

namespace normadd::sweeps {

void SweepOptions::describe(config::Options& o) {
  o.field("dir", dir).help("the sweep's folder; null = sweep.root/DATE/TIME_HASH");
  o.field("root", root).help("parent of sweep folders");
  o.field("on_error", on_error).help("stop = start no more jobs after one has failed").one_of({"continue", "stop"});
  o.field("max_failures", max_failures)
      .help("start no more jobs after so many have failed; null = no limit")
      .at_least(1);
  o.field("max_attempts", max_attempts)
      .help("a job whose process died so many times in a row counts as failed")
      .at_least(1);
}

SweepOptions sweep_options(const config::Value& resolved) {
  const config::Value* node = resolved.find("sweep");
  if (node == nullptr || node->is_null()) return {};
  if (!node->is_map())
    throw core::ConfigError("this is not a section", "sweep", "Set its keys, e.g. sweep.on_error=stop.");
  return config::read_options<SweepOptions>(*node, "sweep");
}

config::Value launcher_node(const config::Value& resolved) {
  const config::Value* node = resolved.find("launcher");
  if (node == nullptr || node->is_null()) return config::MapEntries{{"name", config::Value("local")}};
  if (!node->is_map()) throw core::ConfigError("this is not a section", "launcher", "Choose one, e.g. launcher=local.");
  return *node;
}

void check_sweep_nodes(const config::Value& resolved) {
  sweep_options(resolved);
  check_launcher(launcher_node(resolved));
}

}  // namespace normadd::sweeps
