// SPDX-License-Identifier: Apache-2.0
// One command line per task in a file, for whatever else starts programs: GNU parallel, xargs, PBS, SGE, HTCondor.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "sweeps/launcher.h"
#include "sweeps/program_place.h"

namespace normadd::sweeps {

struct CommandsOptions {
  std::string name = "commands";
  std::optional<std::string> file;
  int jobs_per_task = 1;
  void describe(config::Options& options);
};

class CommandsLauncher : public Launcher {
 public:
  CommandsLauncher(CommandsOptions options, ProgramPlace program);
  /// Writes the file; nothing is started. Every line is a shell command that works from any directory.
  void submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) override;
  bool waits() const override { return false; }
  LauncherReport report(const SweepFolder& sweep) const override;
  /// Nothing: tasks see in the ledger that the sweep is stopped.
  void cancel(const SweepFolder& sweep) override;

 private:
  std::filesystem::path file_of(const SweepFolder& sweep) const;

  CommandsOptions options_;
  ProgramPlace program_;
};

/// The lines, without line ends. Paths are absolute.
std::vector<std::string> command_lines(const ProgramPlace& program, const std::filesystem::path& sweep,
                                       const std::vector<std::string>& task_lists);

/// How other programs run such a file.
std::string command_examples(const std::filesystem::path& file, std::size_t tasks);

}  // namespace normadd::sweeps
