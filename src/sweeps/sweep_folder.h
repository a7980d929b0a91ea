// SPDX-License-Identifier: Apache-2.0
// A sweep's folder: results/sweeps/DATE/TIME_HASH. The jobs are composed, checked and frozen in it when the sweep is
// made: nothing that is edited later changes them. Each job's run folder is N, its number.
//   sweep.json       what does not change: identity, number of jobs, launcher, options
//   multirun.yaml    as Hydra writes it
//   jobs.jsonl       one line per job: number, id, overrides, frozen configuration
//   order.json       in which order workers take them
//   ledger/          the state of every job (ledger.h)
//   N/               run folders, each appears when its job is done
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/compose.h"
#include "experiment/job.h"

namespace normadd::sweeps {

struct SweepOptions;  // node "sweep": dir, root, on_error, max_failures, max_attempts

/// One frozen job, without its configuration.
struct SweepJob {
  std::size_t number = 0;
  std::string id;                      // hash of the resolved configuration
  std::vector<std::string> overrides;  // what the sweep chose: "detector=padim", "seed=1"
};

class SweepFolder {
 public:
  /// Throws DataError when the folder is no sweep, or a damaged one (naming the file).
  static SweepFolder open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path ledger() const { return path_ / "ledger"; }
  std::filesystem::path run_folder(std::size_t number) const { return path_ / std::to_string(number); }
  const std::vector<SweepJob>& jobs() const { return jobs_; }
  /// Numbers of all jobs in the order in which workers take them.
  const std::vector<std::size_t>& order() const { return order_; }
  /// The job as it was frozen. Throws DataError when its line is damaged.
  experiment::Job frozen_job(std::size_t number) const;

 private:
  std::filesystem::path path_;
  std::vector<SweepJob> jobs_;
  std::vector<std::size_t> order_;
};

}  // namespace normadd::sweeps
