// SPDX-License-Identifier: Apache-2.0
#include "sweeps/local_launcher.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <thread>

#include "core/error.h"
#include "core/interruption.h"
#include "core/log.h"
#include "sweeps/sweep_display.h"
#include "sweeps/task_lists.h"
#include "sweeps/worker_process.h"

namespace normadd::sweeps {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// All workers of one submission.
class Crew {
 public:
  Crew(const SweepFolder& sweep, const LocalOptions& options, const ProgramPlace& program, std::string jobs)
      : sweep_(sweep), options_(options), program_(program), jobs_(std::move(jobs)) {
    for (std::size_t number = 0; number < size(); ++number) {
      workers_.push_back({std::make_unique<WorkerProcess>(command(number)), log_of(number)});
    }
  }

  std::vector<fs::path> logs() const {
    std::vector<fs::path> logs;
    for (const auto& worker : workers_) {
      if (worker.process) logs.push_back(worker.log);
    }
    return logs;
  }

  /// Whether any is still at work. Starts killed ones again.
  bool look() {
    bool any = false;
    for (std::size_t number = 0; number < workers_.size(); ++number) {
      Worker& worker = workers_[number];
      if (!worker.process) continue;
      if (const auto code = worker.process->ended()) {
        const bool was_killed = worker.process->was_killed();
        worker.process.reset();
        if (was_killed && !is_stopping_) {
          start_again(worker, number, *code - 128);
        } else if (!is_stopping_ && *code != 0 && *code != 1 && *code != 128 + SIGTERM && worst_code_ == 0) {
          worst_code_ = *code;
          worst_words_ = last_line(worker.log);
        }
      }
      any = any || worker.process;
    }
    return any;
  }

  /// SIGTERM: they give back their jobs.
  void stop() {
    is_stopping_ = true;
    for (const auto& worker : workers_) {
      if (worker.process) worker.process->send(SIGTERM);
    }
  }

  /// Throws what a worker could not do at all: read the sweep, write its ledger.
  void throw_worst() const {
    if (worst_code_ == 0) return;
    std::error_code error;
    constexpr std::uintmax_t kNextToNothing = 128 * 1024;
    if (const auto space = fs::space(sweep_.path(), error); !error && space.available < kNextToNothing) {
      // The worker's own words found no place in its log.
      throw core::OutputError("no space is left on the disk", sweep_.path().string(),
                              "Free some space; then 'normadd resume' goes on.");
    }
    throw core::Error(fmt::format("a worker ended with code {}: {}", worst_code_, worst_words_),
                      (sweep_.path() / "logs").string(), "Its log tells more.");
  }

 private:
  struct Worker {
    std::unique_ptr<WorkerProcess> process;
    fs::path log;
    int num_starts = 1;
  };

  std::size_t size() const {
    return static_cast<std::size_t>(
        options_.workers.value_or(options_.gpus.empty() ? 1 : static_cast<int>(options_.gpus.size())));
  }

  fs::path log_of(std::size_t number) const { return sweep_.path() / "logs" / fmt::format("worker-{}.log", number); }

  WorkerCommand command(std::size_t number) const {
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    WorkerCommand command;
    command.arguments = {program_.executable.string(), "task",     sweep_.path().string(),    "--share",
                         std::to_string(size()),       "--parent", std::to_string(::getpid())};
    if (!jobs_.empty()) command.arguments.insert(command.arguments.end(), {"--jobs", jobs_});
    command.environment = {{"NORMADD_HOME", program_.home.string()}};
    if (size() > 1) {
      command.environment.emplace_back("OMP_NUM_THREADS", std::to_string(std::max<std::size_t>(1, cores / size())));
    }
    // Threads that spin after each small step, as OpenMP's do unless told otherwise, take the cores from everybody
    // else: on a loaded machine the same sweep took five times as long. Whoever has set it has a reason.
    if (std::getenv("OMP_WAIT_POLICY") == nullptr && std::getenv("GOMP_SPINCOUNT") == nullptr) {
      command.environment.emplace_back("GOMP_SPINCOUNT", "10000");
    }
    if (!options_.gpus.empty()) {
      command.environment.emplace_back("CUDA_VISIBLE_DEVICES",
                                       std::to_string(options_.gpus[number % options_.gpus.size()]));
    }
    command.log = log_of(number);
    return command;
  }

  void start_again(Worker& worker, std::size_t number, int signal_number) {
    // Lost attempts make jobs fail in the end; a worker that dies before it has a job would start for ever.
    const std::size_t most = 10 + sweep_.jobs().size() * static_cast<std::size_t>(sweep_.record().options.max_attempts);
    if (static_cast<std::size_t>(worker.num_starts++) > most) {
      worst_code_ = 128 + signal_number;
      worst_words_ = "it was killed again and again";
      return;
    }
    core::log_warning(fmt::format("worker {} was ended by signal {} and is started again", number, signal_number));
    worker.process = std::make_unique<WorkerProcess>(command(number));
  }

  const SweepFolder& sweep_;
  const LocalOptions& options_;
  const ProgramPlace& program_;
  std::string jobs_;
  std::vector<Worker> workers_;
  bool is_stopping_ = false;
  int worst_code_ = 0;
  std::string worst_words_;
};

}  // namespace

void LocalOptions::describe(config::Options& o) {
  o.field("name", name).help("registered name").one_of({"local"});
  o.field("workers", workers).help("processes on this machine; null = one per GPU, else one").at_least(1);
  o.field("gpus", gpus)
      .help("GPUs that workers take in turn, by number; [] = as CUDA_VISIBLE_DEVICES says")
      .at_least(0);
}

LocalLauncher::LocalLauncher(LocalOptions options, ProgramPlace program)
    : options_(std::move(options)), program_(std::move(program)) {}

void LocalLauncher::submit(const SweepFolder& sweep, std::span<const std::size_t> jobs) {
  if (jobs.empty()) return;
  core::note_interruptions();
  const bool all = jobs.size() == sweep.jobs().size();
  Crew crew(sweep, options_, program_, all ? "" : job_list_text(jobs));
  SweepDisplay display(sweep);
  try {
    while (crew.look()) {
      core::stop_if_interrupted();
      display.draw(crew.logs());
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  } catch (const core::Interrupted&) {
    crew.stop();
    display.end();
    core::log_info("stopping the workers");
    while (crew.look()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    throw;
  }
  display.end();
  crew.throw_worst();
}

LauncherReport LocalLauncher::report(const SweepFolder&) const { return {}; }

void LocalLauncher::cancel(const SweepFolder&) {}

}  // namespace normadd::sweeps
