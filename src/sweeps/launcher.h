// SPDX-License-Identifier: Apache-2.0
// Where the jobs of a sweep run. A launcher starts processes of this program, which all do the same: "run these jobs of
// that sweep" (normadd task SWEEP --jobs 3,4,9), idempotent, results by atomic rename, states in the ledger. So a
// launcher carries no results and may die at any time.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/options.h"
#include "config/value.h"
#include "sweeps/program_place.h"
#include "sweeps/sweep_folder.h"

namespace normadd::sweeps {

/// What a launcher knows beyond the ledger: "12 waiting in the queue", "job 345_7 on node n2".
struct LauncherReport {
  std::string text;                   // one line, empty when there is nothing to say
  std::vector<std::string> warnings;  // such as jobs that the scheduler has lost
};

class Launcher {
 public:
  virtual ~Launcher() = default;
  /// Starts the jobs. Returns when they have ended if waits(), otherwise at once. Throws ConfigError for what this
  /// launcher cannot do, OutputError, and core::Error with the scheduler's own words when it refuses.
  virtual void submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) = 0;
  virtual bool waits() const = 0;
  virtual LauncherReport report(const SweepFolder& sweep) const = 0;
  virtual void cancel(const SweepFolder& sweep) = 0;
};

std::vector<std::string> launcher_names();
/// Throws ConfigError (nearest name).
std::vector<config::Field> launcher_fields(const std::string& name);

/// node: the section "launcher" of the configuration, with its name. Throws ConfigError (nearest name).
std::unique_ptr<Launcher> make_launcher(const config::Value& node, const ProgramPlace& program);
/// Throws what make_launcher would.
void check_launcher(const config::Value& node);

}  // namespace normadd::sweeps
