// SPDX-License-Identifier: Apache-2.0
// A sweep's folder: results/sweeps/DATE/TIME_HASH. The jobs are composed, checked and frozen in it when the sweep is
// made: nothing that is edited later changes them. Each job's run folder is N, its number.
//   sweep.json       identity, number of jobs, launcher, options, the folder that relative paths count from
//   multirun.yaml    as Hydra writes it
//   jobs.jsonl       one line per job: number, id, what the sweep chose, where its frozen configuration is
//   frozen.jsonl     one line per job: its configuration, as composed and as resolved
//   order.json       in which order workers take them; without it, by number
//   ledger/          the state of every job (ledger.h)
//   logs/            what local workers said
//   N/               run folders, each appears when its job is done
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "config/value.h"
#include "experiment/job.h"
#include "sweeps/ledger.h"
#include "sweeps/sweep_options.h"

namespace normadd::sweeps {

/// One frozen job, without its configuration.
struct SweepJob {
  std::size_t number = 0;
  std::string id;                      // hash of the resolved configuration
  std::vector<std::string> overrides;  // what the sweep chose: "detector=padim", "seed=1"
  std::string batch;                   // jobs with the same one read the same images (experiment::batch_key)
  std::size_t offset = 0, size = 0;    // of its line in frozen.jsonl
  std::string checksum;                // of that line
};

/// What sweep.json says.
struct SweepRecord {
  std::string identity;  // of the whole sweep
  std::size_t num_jobs = 0;
  std::string created;  // local time, ISO 8601
  std::string program_version;
  std::filesystem::path directory;     // absolute; relative paths of the configuration count from here
  std::vector<std::string> overrides;  // as given for the sweep
  config::Value launcher;
  SweepOptions options;
};

class SweepFolder {
 public:
  /// Throws DataError when the folder is no sweep, or a damaged one (naming the file).
  static SweepFolder open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const SweepRecord& record() const { return record_; }
  std::filesystem::path run_folder(std::size_t number) const { return path_ / std::to_string(number); }
  Ledger ledger() const { return Ledger(path_ / "ledger", record_.options.max_attempts); }
  const std::vector<SweepJob>& jobs() const { return jobs_; }
  /// Numbers of all jobs in the order in which workers take them.
  const std::vector<std::size_t>& order() const { return order_; }
  /// The job as it was frozen. Throws DataError when its line is damaged.
  experiment::Job frozen_job(std::size_t number) const;
  /// Other launchers and options for the same jobs. Throws OutputError.
  void change_record(const config::Value& launcher, const SweepOptions& options);
  void write_order(std::vector<std::size_t> order);

 private:
  SweepFolder() = default;
  std::filesystem::path path_;
  SweepRecord record_;
  std::vector<SweepJob> jobs_;
  std::vector<std::size_t> order_;
};

/// "detector=padim seed=1"
std::string overrides_text(const SweepJob& job);

}  // namespace normadd::sweeps
