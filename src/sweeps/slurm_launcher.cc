// SPDX-License-Identifier: Apache-2.0
#include "sweeps/slurm_launcher.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/log.h"
#include "sweeps/ledger.h"
#include "sweeps/shell_words.h"
#include "sweeps/slurm_client.h"
#include "sweeps/slurm_script.h"
#include "sweeps/slurm_submission.h"
#include "sweeps/task_lists.h"

namespace normadd::sweeps {
namespace {

std::filesystem::path absolute_of(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

std::filesystem::path submissions_of(const SweepFolder& sweep) {
  return absolute_of(sweep.path()) / "launcher" / "slurm";
}

/// The sweep's submissions, with what a killed submission left in the queue.
std::vector<SlurmSubmission> known_submissions(const SweepFolder& sweep, const std::vector<SlurmQueueEntry>& queue) {
  auto all = slurm_submissions(submissions_of(sweep));
  for (auto& submission : all) submission.adopt(queue);
  return all;
}

/// By its mark: after a crash a controller may give a number a second time.
bool belongs(const SlurmQueueEntry& entry, const std::vector<SlurmSubmission>& submissions) {
  return std::ranges::any_of(submissions, [&](const auto& one) { return entry.comment.ends_with(one.mark); });
}

bool still_there(const std::string& state) {
  static const std::set<std::string> kStates{"PENDING",   "RUNNING",      "CONFIGURING", "SUSPENDED",    "STOPPED",
                                             "REQUEUED",  "REQUEUE_HOLD", "RESIZING",    "COMPLETING",   "SIGNALING",
                                             "STAGE_OUT", "SPECIAL_EXIT", "REQUEUE_FED", "RESV_DEL_HOLD"};
  return kStates.contains(state);
}

bool waits_for_ever(const std::string& reason) {
  static const std::set<std::string> kReasons{
      "DependencyNeverSatisfied", "JobHeldUser", "JobHeldAdmin",   "BadConstraints",   "launch failed requeued held",
      "PartitionTimeLimit",       "InvalidQOS",  "InvalidAccount", "AccountNotAllowed"};
  return kReasons.contains(reason);
}

bool is_stuck(const SlurmQueueEntry& entry) { return entry.state == "PENDING" && waits_for_ever(entry.reason); }

/// Their jobs are sent again, so that they would only stand in the queue for ever.
void cancel_stuck_tasks(const std::vector<SlurmSubmission>& submissions) {
  const auto queue = slurm_queue();
  std::vector<std::string> tasks;
  for (const auto& entry : queue.value.value_or(std::vector<SlurmQueueEntry>{})) {
    if (!belongs(entry, submissions) || !is_stuck(entry)) continue;
    tasks.push_back(entry.task == kNoTask ? entry.job : entry.job + "_" + entry.task);
  }
  if (tasks.empty()) return;
  const std::string error = slurm_cancel(tasks);
  core::log_info(error.empty() ? fmt::format("cancelled {} Slurm tasks that would not have started", tasks.size())
                               : fmt::format("tasks that will not start stay in the queue; scancel: {}", error));
}

std::string counts_text(const std::map<std::string, int>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} {}", count, name));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

SlurmLauncher::SlurmLauncher(SlurmOptions options, ProgramPlace program)
    : options_(std::move(options)), program_(std::move(program)) {
  options_.check();
}

std::size_t SlurmLauncher::max_array_size() const {
  if (options_.max_array_size) return static_cast<std::size_t>(*options_.max_array_size);
  const auto answer = slurm_setting("MaxArraySize");
  if (!answer.value) {
    throw core::Error(fmt::format("Slurm does not tell its largest array: {}", answer.error), "launcher=slurm",
                      "Run this where scontrol works, or set launcher.max_array_size.");
  }
  std::size_t size = 0;
  const auto& text = *answer.value;
  if (std::from_chars(text.data(), text.data() + text.size(), size).ec != std::errc{} || size == 0) {
    throw core::Error(fmt::format("this cluster allows no arrays (MaxArraySize = {})", text), "launcher=slurm",
                      "Use launcher=commands.");
  }
  return size;
}

void SlurmLauncher::submit_arrays(SlurmSubmission& submission, const SlurmSubmissionPlace& place) const {
  const auto hidden = [this](const std::string& variable) { return hidden_from_sbatch(variable, options_); };
  const auto chunks = slurm_chunks(submission.tasks, max_array_size());
  for (std::size_t number = 0; number < chunks.size(); ++number) {
    const auto script = submission.folder / fmt::format("array-{}.sh", number);
    core::write_file_atomically(script, array_script(options_, program_, place, chunks[number]));
    submission.arrays.push_back(slurm_submit(script, hidden));
    submission.save();
  }
  if (options_.collect) {
    const auto script = submission.folder / "collect.sh";
    core::write_file_atomically(script, collect_script(options_, program_, place, submission.arrays));
    submission.collect = slurm_submit(script, hidden);
  }
  submission.complete = true;
  submission.save();
}

void SlurmLauncher::submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) {
  if (jobs.empty()) return;
  const auto path = absolute_of(sweep.path());
  cancel_stuck_tasks(slurm_submissions(submissions_of(sweep)));
  auto submission = new_slurm_submission(submissions_of(sweep), path.filename().string());
  const auto lists = task_lists(jobs, static_cast<std::size_t>(options_.jobs_per_task));
  submission.tasks = lists.size();
  SlurmSubmissionPlace place{path, submission.folder / "tasks", submission.folder / "logs", submission.mark};
  if (options_.submitit_folder) place.logs = absolute_of(program_.directory / *options_.submitit_folder);
  core::make_directories(place.logs);
  core::write_file_atomically(place.tasks, fmt::format("{}\n", fmt::join(lists, "\n")));
  submission.save();
  try {
    submit_arrays(submission, place);
  } catch (const core::Error&) {
    // A time-out may have hidden a success.
    if (const auto queue = slurm_queue(); queue.value) submission.adopt(*queue.value);
    slurm_cancel(submission.job_ids());
    submission.save();
    throw;
  }
  core::log_info(fmt::format("Slurm has {} tasks with {} jobs: array {}{}", lists.size(), jobs.size(),
                             fmt::join(submission.arrays, ", "),
                             submission.collect ? fmt::format(", then job {} collects", *submission.collect) : ""));
  core::log_info(
      fmt::format("Nothing needs to stay alive here. Follow with: normadd status {0}   Tables: normadd collect {0}",
                  shell_word(path.string(), "sweep.dir")));
  core::log_info(fmt::format("Logs: {}", place.logs.string()));
}

LauncherReport SlurmLauncher::report(const SweepFolder& sweep) const {
  const auto queue = slurm_queue();
  LauncherReport report;
  const auto submissions = known_submissions(sweep, queue.value.value_or(std::vector<SlurmQueueEntry>{}));
  if (submissions.empty()) return report;
  std::set<std::string> arrays;
  std::vector<std::string> ids;
  for (const auto& submission : submissions) {
    arrays.insert(submission.arrays.begin(), submission.arrays.end());
    const auto more = submission.job_ids();
    ids.insert(ids.end(), more.begin(), more.end());
  }
  if (!queue.value) {
    report.text = fmt::format("Slurm does not answer ({}); submitted as {}", queue.error, fmt::join(ids, ", "));
    return report;
  }
  const std::string folder = shell_word(absolute_of(sweep.path()).string(), "sweep.dir");
  std::map<std::string, int> states, stuck;
  std::set<std::string> nodes;
  for (const auto& entry : *queue.value) {
    if (entry.task == kNoTask || !belongs(entry, submissions) || !still_there(entry.state)) continue;
    std::string state = entry.state;
    std::ranges::transform(state, state.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    ++states[state];
    if (entry.state == "RUNNING" && !entry.nodes.empty()) nodes.insert(entry.nodes);
    if (is_stuck(entry)) ++stuck[entry.reason];
  }
  if (!states.empty()) {
    report.text = fmt::format("Slurm tasks: {}{} (jobs {})", counts_text(states),
                              nodes.empty() ? "" : fmt::format(" on {}", fmt::join(nodes, ", ")), fmt::join(ids, ", "));
  } else {
    std::map<std::string, int> ends;
    for (const auto& [state, count] : slurm_end_states({arrays.begin(), arrays.end()})) ends[state] = count;
    report.text = fmt::format("Slurm has no more tasks of this sweep{}",
                              ends.empty() ? "" : fmt::format("; they ended {}", counts_text(ends)));
    // A controller that crashes forgets what it was sent in its last seconds.
    const auto jobs = Ledger(sweep.ledger()).states(sweep.jobs().size());
    const auto open = std::ranges::count(jobs, JobState::kPending, &JobStatus::state);
    if (open > 0) {
      report.warnings.push_back(fmt::format("{} jobs are not done and Slurm knows nothing of them: normadd resume {}",
                                            open, folder));
    }
  }
  for (const auto& [reason, count] : stuck)
    report.warnings.push_back(
        fmt::format("{} Slurm tasks will not start by themselves ({}); their jobs are sent anew by: normadd resume {}",
                    count, reason, folder));
  return report;
}

void SlurmLauncher::cancel(const SweepFolder& sweep) {
  const auto queue = slurm_queue();
  if (!queue.value) {
    throw core::Error(fmt::format("Slurm does not answer: {}", queue.error), "launcher=slurm",
                      "No task that starts from now on runs a job; try again for those that run.");
  }
  const auto submissions = slurm_submissions(submissions_of(sweep));
  std::set<std::string> live;
  for (const auto& entry : *queue.value) {
    if (belongs(entry, submissions)) live.insert(entry.job);
  }
  const std::string error = slurm_cancel({live.begin(), live.end()});
  if (!error.empty()) throw core::Error(fmt::format("scancel: {}", error), "launcher=slurm", "Try again.");
}

}  // namespace normadd::sweeps
