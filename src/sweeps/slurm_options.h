// SPDX-License-Identifier: Apache-2.0
// Node "launcher" for Slurm. Names and defaults are those of Hydra's submitit launcher
// (plugins/hydra_submitit_launcher/hydra_plugins/hydra_submitit_launcher/config.py), so that its configurations work
// unchanged; only its "name", the jobs' name, is called job_name here: "name" says which launcher it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/options.h"

namespace normadd::sweeps {

struct SlurmOptions {
  std::string name = "slurm";
  std::optional<std::string> submitit_folder;
  int timeout_min = 60;
  int nodes = 1;
  int tasks_per_node = 1;
  std::optional<int> cpus_per_task;
  std::optional<int> gpus_per_node;
  std::optional<int> mem_gb;
  std::optional<std::string> partition, qos, account, comment, constraint, exclude, gres;
  std::optional<int> cpus_per_gpu, gpus_per_task;
  std::optional<std::string> mem_per_gpu, mem_per_cpu;
  int signal_delay_s = 120;
  int max_num_timeout = 0;
  int array_parallelism = 256;
  std::string job_name = "normadd";
  bool stderr_to_stdout = false;
  config::MapEntries additional_parameters;
  std::vector<std::string> setup;
  std::vector<std::string> srun_args;

  int jobs_per_task = 1;
  bool requeue = true;
  bool collect = true;
  std::optional<int> max_array_size;

  void describe(config::Options& options);
  /// What no single field shows. Throws ConfigError.
  void check() const;
};

}  // namespace normadd::sweeps
