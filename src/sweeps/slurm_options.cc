// SPDX-License-Identifier: Apache-2.0
#include "sweeps/slurm_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "sweeps/shell_words.h"

namespace normadd::sweeps {
namespace {

constexpr int kSecondsPerMinute = 60;

/// Options of sbatch that the script sets for its own working.
constexpr std::array kOwn{"array", "output",         "error", "open-mode", "signal", "dependency", "parsable",
                          "wait",  "wait-all-nodes", "wrap",  "test-only", "chdir",  "export",     "export-file"};

void check_additional(const std::string& name, const config::Value& value) {
  const std::string where = fmt::format("launcher.additional_parameters.{}", name);
  const bool plain = !name.empty() &&
                     name.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_-") == std::string::npos &&
                     name.front() != '-';
  if (!plain) {
    throw core::ConfigError("this is no name of an option of sbatch", where,
                            "Write it without dashes in front: mail_type or mail-type.");
  }
  std::string option = name;
  std::ranges::replace(option, '_', '-');
  if (std::ranges::find(kOwn, option) != kOwn.end()) {
    throw core::ConfigError(fmt::format("the job script sets --{} itself", option), where, "Leave it out.");
  }
  if (value.is_list() || value.is_map()) {
    throw core::ConfigError(fmt::format("an option of sbatch is a text, a number or true, not {}", kind_text(value)),
                            where, "Write lists as sbatch reads them, e.g. 'a,b'.");
  }
}

}  // namespace

void SlurmOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"slurm", "submitit_slurm"});
  o.field("submitit_folder", submitit_folder).help("folder of scripts and logs; null = launcher/slurm in the sweep");
  o.field("timeout_min", timeout_min).help("time limit of a task").unit("min").at_least(1);
  o.field("nodes", nodes).help("nodes per task; each process takes jobs of the task").at_least(1);
  o.field("tasks_per_node", tasks_per_node).help("processes per node; each takes jobs of the task").at_least(1);
  o.field("cpus_per_task", cpus_per_task).help("cores per process; null = the cluster's default").at_least(1);
  o.field("gpus_per_node", gpus_per_node).help("GPUs per node").at_least(0);
  o.field("mem_gb", mem_gb).help("memory per node").unit("GB").at_least(1);
  o.field("partition", partition).help("partition, or several with commas; null = the cluster's default");
  o.field("qos", qos).help("quality of service");
  o.field("account", account).help("account that is charged");
  o.field("comment", comment).help("the jobs' comment; a mark of ours is added");
  o.field("constraint", constraint).help("features that nodes must have");
  o.field("exclude", exclude).help("nodes not to use");
  o.field("gres", gres).help("generic resources, e.g. gpu:a100:1");
  o.field("cpus_per_gpu", cpus_per_gpu).help("cores per GPU").at_least(1);
  o.field("gpus_per_task", gpus_per_task).help("GPUs per process").at_least(0);
  o.field("mem_per_gpu", mem_per_gpu).help("memory per GPU, e.g. 16G");
  o.field("mem_per_cpu", mem_per_cpu).help("memory per core, e.g. 2G");
  o.field("signal_delay_s", signal_delay_s)
      .help("how long before the time limit tasks are told to stop and requeue; Slurm may be up to 60 s early")
      .unit("s")
      .at_least(1);
  o.field("max_num_timeout", max_num_timeout)
      .help("how often a job may meet the time limit before it counts as failed is this + 1; what it finished is kept")
      .at_least(0);
  o.field("array_parallelism", array_parallelism).help("tasks that run at the same time").at_least(1);
  o.field("job_name", job_name).help("the jobs' name in the queue (Hydra's submitit launcher calls it name)");
  o.field("stderr_to_stdout", stderr_to_stdout).help("one log per task instead of two");
  o.field("additional_parameters", additional_parameters).help("further options of sbatch: {mail_type: END}");
  o.field("setup", setup).help("shell commands before the program, e.g. module load");
  o.field("srun_args", srun_args).help("further arguments of srun");
  o.field("jobs_per_task", jobs_per_task).help("jobs that one task runs, one after the other").at_least(1);
  o.field("requeue", requeue).help("whether tasks may start again: node failure, preemption, time limit");
  o.field("collect", collect).help("whether a last job writes the sweep's tables");
  o.field("max_array_size", max_array_size).help("largest array; null = ask the cluster").at_least(1);
}

void SlurmOptions::check() const {
  if (signal_delay_s >= timeout_min * kSecondsPerMinute) {
    throw core::ConfigError(
        fmt::format("tasks would be told to stop {} s before a limit of {} min: at once", signal_delay_s, timeout_min),
        "launcher.signal_delay_s",
        fmt::format("Set launcher.signal_delay_s={} or a longer launcher.timeout_min.",
                    std::max(1, timeout_min * kSecondsPerMinute / 2)));
  }
  for (const auto& [key, value] : additional_parameters) check_additional(key, value);
  for (const auto& line : setup) check_one_line(line, "launcher.setup");
}

}  // namespace normadd::sweeps
