// SPDX-License-Identifier: Apache-2.0
#include "sweeps/slurm_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/error.h"
#include "sweeps/shell_words.h"

namespace normadd::sweeps {
namespace {

/// Options of sbatch; a value of nothing is a flag.
using Directives = std::map<std::string, std::optional<std::string>>;

/// What decides where jobs run and who pays.
Directives placement(const SlurmOptions& options) {
  Directives directives;
  const auto add_text = [&](const char* key, const std::optional<std::string>& value) {
    if (value) directives[key] = *value;
  };
  add_text("partition", options.partition);
  add_text("qos", options.qos);
  add_text("account", options.account);
  add_text("constraint", options.constraint);
  add_text("exclude", options.exclude);
  return directives;
}

std::string scalar_text(const config::Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_integer()) return fmt::format("{}", value.as_integer());
  return fmt::format("{}", value.as_float());
}

Directives resources(const SlurmOptions& options) {
  Directives directives = placement(options);
  const auto add_number = [&](const char* key, const std::optional<int>& value, const char* unit = "") {
    if (value) directives[key] = fmt::format("{}{}", *value, unit);
  };
  const auto add_text = [&](const char* key, const std::optional<std::string>& value) {
    if (value) directives[key] = *value;
  };
  add_number("time", options.timeout_min);
  add_number("nodes", options.nodes);
  add_number("ntasks-per-node", options.tasks_per_node);
  add_number("cpus-per-task", options.cpus_per_task);
  add_number("gpus-per-node", options.gpus_per_node);
  add_number("mem", options.mem_gb, "G");
  add_text("gres", options.gres);
  add_number("cpus-per-gpu", options.cpus_per_gpu);
  add_number("gpus-per-task", options.gpus_per_task);
  add_text("mem-per-gpu", options.mem_per_gpu);
  add_text("mem-per-cpu", options.mem_per_cpu);
  directives["signal"] = fmt::format("USR2@{}", options.signal_delay_s);
  directives[options.requeue ? "requeue" : "no-requeue"] = std::nullopt;
  for (const auto& [name, value] : options.additional_parameters) {
    std::string key = name;
    std::ranges::replace(key, '_', '-');
    if (value.is_null() || (value.is_bool() && !value.as_bool())) {
      directives.erase(key);
    } else if (value.is_bool()) {
      directives[key] = std::nullopt;
    } else {
      directives[key] = scalar_text(value);
    }
  }
  return directives;
}

/// Slurm replaces %A and the like in names of log files, and takes a backslash as "replace nothing".
std::string log_name(const std::filesystem::path& folder, const std::string& pattern) {
  std::string text;
  for (const char letter : folder.string()) {
    if (letter == '\\') {
      throw core::ConfigError("Slurm cannot write logs below a path with a backslash", folder.string(),
                              "Choose another sweep.dir or launcher.submitit_folder.");
    }
    text += letter;
    if (letter == '%') text += letter;
  }
  return text + "/" + pattern;
}

void add_common(Directives& directives, const SlurmOptions& options, const ProgramPlace& program,
                const SlurmSubmissionPlace& place, const std::string& log_pattern) {
  directives["comment"] = options.comment ? *options.comment + " " + place.mark : place.mark;
  directives["chdir"] = program.directory.string();
  directives["open-mode"] = "append";
  directives["output"] = log_name(place.logs, log_pattern + "_log.out");
  if (!options.stderr_to_stdout) directives["error"] = log_name(place.logs, log_pattern + "_log.err");
}

std::string header(const Directives& directives) {
  std::string text = "#!/bin/bash\n";
  for (const auto& [key, value] : directives) {
    text += value ? fmt::format("#SBATCH --{}={}\n", key, sbatch_word(*value, "launcher: --" + key))
                  : fmt::format("#SBATCH --{}\n", key);
  }
  return text;
}

std::string environment(const SlurmOptions& options, const ProgramPlace& program) {
  std::string cores = "${SLURM_CPUS_PER_TASK:-1}";
  if (options.cpus_per_task) {
    cores = fmt::format("{}", *options.cpus_per_task);
  } else if (options.nodes == 1 && options.tasks_per_node == 1) {
    cores = "${SLURM_CPUS_ON_NODE:-1}";
  }
  std::string text = fmt::format("\nset -u\nexport NORMADD_HOME={}\nexport OMP_NUM_THREADS={}\n",
                                 shell_word(program.home.string(), "NORMADD_HOME"), cores);
  // Commands such as "module load" may rely on unset variables.
  if (!options.setup.empty()) text += fmt::format("set +u\n{}\nset -u\n", fmt::join(options.setup, "\n"));
  return text;
}

std::string srun(const SlurmOptions& options) {
  std::string text = "srun --unbuffered";
  // Since 22.05 srun does not take this over from sbatch.
  if (options.cpus_per_task) text += fmt::format(" --cpus-per-task={}", *options.cpus_per_task);
  for (const auto& word : options.srun_args) text += " " + shell_word(word, "launcher.srun_args");
  return text;
}

}  // namespace

std::vector<SlurmChunk> slurm_chunks(std::size_t tasks, std::size_t max_array_size) {
  NORMADD_CHECK(max_array_size > 0, "array size");
  std::vector<SlurmChunk> chunks;
  for (std::size_t first = 0; first < tasks; first += max_array_size)
    chunks.push_back({first, std::min(max_array_size, tasks - first)});
  return chunks;
}

std::string array_script(const SlurmOptions& options, const ProgramPlace& program, const SlurmSubmissionPlace& place,
                         const SlurmChunk& chunk) {
  NORMADD_CHECK(chunk.size > 0, "an array has tasks");
  Directives directives{{"job-name", options.job_name}};
  directives.merge(resources(options));
  add_common(directives, options, program, place, "%A_%a");
  directives["array"] =
      fmt::format("0-{}%{}", chunk.size - 1, std::min(chunk.size, static_cast<std::size_t>(options.array_parallelism)));
  const std::string tasks = shell_word(place.tasks.string(), "launcher.submitit_folder");
  std::string text = header(directives) + environment(options, program);
  text += fmt::format(
      "jobs=$(sed -n \"$((SLURM_ARRAY_TASK_ID + {}))p\" {})\n"
      "if [ -z \"$jobs\" ]; then\n"
      "  echo \"no jobs for this task in\" {} >&2\n"
      "  exit 2\n"
      "fi\n"
      "{} {} task {} --jobs \"$jobs\" --max-timeouts {}\n"
      "code=$?\n",
      chunk.first + 1, tasks, tasks, srun(options), shell_word(program.executable.string(), "the program"),
      shell_word(place.sweep.string(), "sweep.dir"), options.requeue ? options.max_num_timeout : 0);
  if (options.requeue) {
    // The controller may be busy or starting again. Once it has agreed it ends this script.
    text += fmt::format(
        "if [ \"$code\" = {} ]; then\n"
        "  for pause in 1 2 4 8 15; do\n"
        "    if scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}\"; then\n"
        "      sleep 60\n"
        "      break\n"
        "    fi\n"
        "    sleep \"$pause\"\n"
        "  done\n"
        "fi\n",
        kRequeueExitCode);
  }
  return text + "exit \"$code\"\n";
}

std::string collect_script(const SlurmOptions& options, const ProgramPlace& program, const SlurmSubmissionPlace& place,
                           const std::vector<std::string>& array_ids) {
  Directives directives = placement(options);
  directives["job-name"] = options.job_name + "-collect";
  directives["time"] = fmt::format("{}", options.timeout_min);
  directives["ntasks"] = "1";
  directives["dependency"] = fmt::format("afterany:{}", fmt::join(array_ids, ":"));
  directives["kill-on-invalid-dep"] = "yes";
  directives["requeue"] = std::nullopt;
  add_common(directives, options, program, place, "%j_collect");
  return header(directives) + environment(options, program) +
         fmt::format("exec {} collect {}\n", shell_word(program.executable.string(), "the program"),
                     shell_word(place.sweep.string(), "sweep.dir"));
}

bool hidden_from_sbatch(const std::string& variable, const SlurmOptions& options) {
  static const std::set<std::string> kKept{"SLURM_CONF", "SLURM_CLUSTERS", "SLURM_CONF_SERVER"};
  if (variable.starts_with("SLURM_") || variable.starts_with("SRUN_") || variable.starts_with("SLURMD_"))
    return !kKept.contains(variable);
  if (!variable.starts_with("SBATCH_")) return false;
  static const std::map<std::string, std::string> kOddNames{{"time", "TIMELIMIT"}, {"nodes", "NNODES"}};
  static const std::set<std::string> kAlways{"SBATCH_ARRAY_INX", "SBATCH_JOB_NAME",   "SBATCH_OPEN_MODE",
                                             "SBATCH_REQUEUE",   "SBATCH_NO_REQUEUE", "SBATCH_WAIT",
                                             "SBATCH_OUTPUT",    "SBATCH_ERROR",      "SBATCH_TEST_ONLY"};
  if (kAlways.contains(variable)) return true;
  for (const auto& [key, value] : resources(options)) {
    std::string name = key;
    if (const auto odd = kOddNames.find(key); odd != kOddNames.end()) name = odd->second;
    std::ranges::replace(name, '-', '_');
    std::ranges::transform(name, name.begin(), [](char letter) {
      return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    if (variable == "SBATCH_" + name) return true;
  }
  return false;
}

}  // namespace normadd::sweeps
