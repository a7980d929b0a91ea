// SPDX-License-Identifier: Apache-2.0
// Workers on this machine, one per GPU or per share of the cores.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/options.h"
#include "sweeps/launcher.h"

namespace normadd::sweeps {

struct LocalOptions {
  std::string name = "local";
  std::optional<int> workers;
  std::vector<int> gpus;
  void describe(config::Options& options);
};

class LocalLauncher : public Launcher {
 public:
  LocalLauncher(LocalOptions options, ProgramPlace program);
  /// Starts the workers and returns when all have ended. They die with this process. One that is killed is started
  /// again. Throws Interrupted after Ctrl-C, when all have given back their jobs.
  void submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) override;
  bool waits() const override { return true; }
  LauncherReport report(const SweepFolder& sweep) const override;
  /// Nothing: workers see in the ledger that the sweep is stopped.
  void cancel(const SweepFolder& sweep) override;

 private:
  LocalOptions options_;
  ProgramPlace program_;
};

}  // namespace normadd::sweeps
