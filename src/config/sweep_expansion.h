// SPDX-License-Identifier: Apache-2.0
// From a sweep's overrides (a,b; choice, range, glob, ...) to the overrides of each job: the Cartesian product, first
// key slowest. Source: Hydra, hydra/_internal/core_plugins/basic_sweeper.py.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/compose.h"

namespace normadd::config {

/// One job of a sweep.
struct SweptOverrides {
  std::vector<std::string> all;     // as compose() takes them, without sweeps left
  std::vector<std::string> chosen;  // only those that differ between jobs
};

/// request.overrides may hold sweeps; sweeper.params of the configuration joins in where the command line is silent.
/// Throws ConfigError: bad syntax (with a caret), empty choices, a sweep over launcher or sweeper.
std::vector<SweptOverrides> expand_sweep(const ComposeRequest& request);

/// Whether the configuration itself (hydra.mode of an experiment, say) or an override wants a sweep. Errors as above.
bool asks_for_multirun(const ComposeRequest& request);

/// compose() for many jobs: every file is read and parsed once.
class Composer {
 public:
  explicit Composer(std::vector<std::filesystem::path> search_paths);
  ~Composer();
  ComposedConfig compose(const std::string& config_name, const std::vector<std::string>& overrides);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace normadd::config
