// SPDX-License-Identifier: Apache-2.0
// Jobs on a Slurm cluster: arrays that need nothing alive after submission, and a last job that collects.
#pragma once

#include "sweeps/launcher.h"
#include "sweeps/program_place.h"
#include "sweeps/slurm_options.h"

namespace normadd::sweeps {

class SlurmLauncher : public Launcher {
 public:
  /// Throws ConfigError for options that contradict each other.
  SlurmLauncher(SlurmOptions options, ProgramPlace program);
  /// All or nothing: when one array is refused, those before it are cancelled.
  void submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) override;
  bool waits() const override { return false; }
  LauncherReport report(const SweepFolder& sweep) const override;
  void cancel(const SweepFolder& sweep) override;

 private:
  std::size_t max_array_size() const;
  void submit_arrays(struct SlurmSubmission& submission, const struct SlurmSubmissionPlace& place) const;

  SlurmOptions options_;
  ProgramPlace program_;
};

}  // namespace normadd::sweeps
