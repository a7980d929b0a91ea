// SPDX-License-Identifier: Apache-2.0
#include "sweeps/commands_launcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/atomic_file.h"
#include "core/log.h"
#include "sweeps/shell_words.h"
#include "sweeps/task_lists.h"

namespace normadd::sweeps {

void CommandsOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"commands"});
  o.field("file", file).help("where the command lines go; null = launcher/commands.txt in the sweep");
  o.field("jobs_per_task", jobs_per_task).help("jobs per line, run one after the other").at_least(1);
}

std::vector<std::string> command_lines(const ProgramPlace& program, const std::filesystem::path& sweep,
                                       const std::vector<std::string>& task_lists) {
  // env changes the directory and the environment without a shell, which not every scheduler starts.
  const std::string start =
      fmt::format("env -C {} {} {} task {} --jobs ", shell_word(program.directory.string(), "the current directory"),
                  shell_word("NORMADD_HOME=" + program.home.string(), "NORMADD_HOME"),
                  shell_word(program.executable.string(), "the program"), shell_word(sweep.string(), "sweep.dir"));
  std::vector<std::string> lines;
  lines.reserve(task_lists.size());
  for (const auto& list : task_lists) lines.push_back(start + list);
  return lines;
}

std::string command_examples(const std::filesystem::path& file, std::size_t tasks) {
  const std::string name = shell_word(file.string(), "launcher.file");
  const std::string by_number = fmt::format("sh -c \"$(sed -n \"$N\"p {})\"", name);
  return fmt::format(
      "  GNU parallel  parallel --jobs 4 < {0}\n"
      "  xargs         xargs -d '\\n' -P 4 -n 1 sh -c < {0}\n"
      "  PBS           echo 'N=$PBS_ARRAY_INDEX; {1}' | qsub -J 1-{2}\n"
      "  SGE           echo 'N=$SGE_TASK_ID; {1}' | qsub -t 1-{2}\n"
      "  HTCondor      executable=/bin/sh   arguments=\"-c '$(line)'\"   queue line from {0}\n",
      name, by_number, tasks);
}

CommandsLauncher::CommandsLauncher(CommandsOptions options, ProgramPlace program)
    : options_(std::move(options)), program_(std::move(program)) {}

std::filesystem::path CommandsLauncher::file_of(const SweepFolder& sweep) const {
  const auto folder = std::filesystem::absolute(sweep.path()).lexically_normal();
  return options_.file ? (program_.directory / *options_.file).lexically_normal()
                       : folder / "launcher" / "commands.txt";
}

void CommandsLauncher::submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) {
  const auto lists = task_lists(jobs, static_cast<std::size_t>(options_.jobs_per_task));
  const auto file = file_of(sweep);
  const auto path = std::filesystem::absolute(sweep.path()).lexically_normal();
  const auto lines = command_lines(program_, path, lists);
  core::write_file_atomically(file, lines.empty() ? "" : fmt::format("{}\n", fmt::join(lines, "\n")));
  core::log_info(
      fmt::format("{} command lines are in {}; run them, in any order and as often as you like, for example\n{}",
                  lines.size(), file.string(), command_examples(file, lines.size())));
  core::log_info(fmt::format("Follow with: normadd status {0}   Tables: normadd collect {0}",
                             shell_word(path.string(), "sweep.dir")));
}

LauncherReport CommandsLauncher::report(const SweepFolder& sweep) const {
  return {fmt::format("Command lines: {}", file_of(sweep).string()), {}};
}

void CommandsLauncher::cancel(const SweepFolder&) {}

}  // namespace normadd::sweeps
