// SPDX-License-Identifier: Apache-2.0
#include "sweeps/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <deque>
#include <memory>
#include <set>
#include <thread>

#include "core/error.h"
#include "core/interruption.h"
#include "core/log.h"
#include "core/process_identity.h"
#include "experiment/job_batch.h"
#include "sweeps/slurm_script.h"

namespace normadd::sweeps {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostTogether = 512;
/// Ends the work of this process at its next step once the sweep is cancelled, on whatever machine.
class CancelWatch {
 public:
  explicit CancelWatch(const SweepFolder& sweep)
      : thread_([ledger = sweep.ledger()](const std::stop_token& token) {
          constexpr int kStepsBetweenLooks = 20;
          for (int step = 0; !token.stop_requested(); ++step) {
            if (step % kStepsBetweenLooks == 0 && ledger.stopped() == kCancelled) {
              ::raise(SIGTERM);
              return;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {}

 private:
  std::jthread thread_;
};

/// A job that took its process with it so often runs alone: the others of its batch are not to pay for it.
constexpr int kLostBeforeAlone = 2;

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return "out of memory";
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "unknown error";
  }
}

class Worker {
 public:
  Worker(const SweepFolder& sweep, const WorkerOptions& options, const experiment::Installation& installation)
      : sweep_(sweep), options_(options), installation_(installation), ledger_(sweep.ledger()) {
    const std::set<std::size_t> wanted(options.jobs.begin(), options.jobs.end());
    for (const std::size_t number : sweep.order()) {
      if (wanted.empty() || wanted.contains(number)) jobs_.push_back(number);
    }
  }

  WorkerResult run() {
    core::remove_leftovers(sweep_.path());
    core::remove_leftovers(sweep_.path() / "ledger");
    clear_leases_of_ended_jobs();
    try {
      while (!ledger_.stopped()) {
        core::stop_if_interrupted();
        auto claims = next_batch();
        if (!claims.empty()) {
          run_batch(claims);
        } else if (!options_.waits || !others_are_at_work()) {
          break;
        } else {
          pause();
        }
      }
    } catch (const core::Interrupted& error) {
      if (!error.time_is_up()) throw;
      return result(true);
    }
    return result(false);
  }

 private:
  /// Of owners that died between recording how a job ended and giving back its lease.
  void clear_leases_of_ended_jobs() {
    const auto states = ledger_.states(sweep_.jobs().size());
    for (const std::size_t number : jobs_) {
      if (states[number].state == JobState::kDone || states[number].state == JobState::kFailed) ledger_.claim(number);
    }
  }

  /// Jobs of one batch, claimed.
  std::deque<JobClaim> next_batch() {
    const auto states = ledger_.states(sweep_.jobs().size());
    std::vector<std::size_t> open;
    for (const std::size_t number : jobs_) {
      // One that runs may have a dead owner: only the claim tells.
      if (states[number].state == JobState::kPending || states[number].state == JobState::kRunning) {
        open.push_back(number);
      }
    }
    std::deque<JobClaim> claims;
    for (const std::size_t number : open) {
      auto claim = ledger_.claim(number);
      if (!claim) continue;
      const std::string batch = sweep_.jobs()[number].batch;
      const bool alone = claim->lost_before() >= kLostBeforeAlone;
      claims.push_back(std::move(*claim));
      if (!alone) add_companions(open, batch, claims);
      break;
    }
    return claims;
  }

  void add_companions(const std::vector<std::size_t>& open, const std::string& batch, std::deque<JobClaim>& claims) {
    std::vector<std::size_t> companions;
    for (const std::size_t number : open) {
      if (number != claims.front().number() && sweep_.jobs()[number].batch == batch) companions.push_back(number);
    }
    const std::size_t fair = (companions.size() + 1 + options_.share - 1) / std::max<std::size_t>(1, options_.share);
    const std::size_t most = std::min(fair, kMostTogether);
    for (const std::size_t number : companions) {
      if (claims.size() >= most) return;
      auto claim = ledger_.claim(number);
      if (!claim) continue;
      if (claim->lost_before() < kLostBeforeAlone) {
        claims.push_back(std::move(*claim));
      } else {
        claim->put_back();
      }
    }
  }

  void run_batch(std::deque<JobClaim>& claims) {
    const auto start = Clock::now();
    std::deque<experiment::Job> jobs;
    std::deque<JobClaim*> running;
    for (JobClaim& claim : claims) {
      try {
        jobs.push_back(sweep_.frozen_job(claim.number()));
        running.push_back(&claim);
      } catch (const core::Error& error) {
        fail(claim, error.what(), 0);
      }
    }
    if (running.empty()) return;
    try {
      run_claimed(jobs, running, start);
    } catch (const core::Interrupted& error) {
      for (JobClaim* claim : running) give_back(*claim, error);
      throw;
    }
  }

  void run_claimed(const std::deque<experiment::Job>& jobs, const std::deque<JobClaim*>& running,
                   Clock::time_point start) {
    if (!session_) session_ = std::make_unique<experiment::Session>(installation_, jobs.front().cache);
    std::vector<experiment::JobTarget> targets;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      targets.push_back({&jobs[i], sweep_.run_folder(running[i]->number())});
    }
    core::log_info(fmt::format("{} of {} jobs together: {}{}", jobs.size(), sweep_.jobs().size(),
                               named(*running.front()), jobs.size() > 1 ? ", ..." : ""));
    const auto outcomes = experiment::run_jobs(targets, *session_);
    const double seconds =
        std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(jobs.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].error) {
        fail(*running[i], text_of(outcomes[i].error), seconds);
      } else {
        running[i]->done(seconds);
      }
    }
  }

  std::string named(const JobClaim& claim) const {
    return fmt::format("#{} {}", claim.number(), overrides_text(sweep_.jobs()[claim.number()]));
  }

  void fail(JobClaim& claim, const std::string& error, double seconds) {
    claim.failed(error, seconds);
    core::log_warning(fmt::format("{} failed: {}", named(claim), error));
    const SweepOptions& sweep = sweep_.record().options;
    if (sweep.on_error == "stop") {
      ledger_.stop(fmt::format("job {} failed (sweep.on_error=stop)", claim.number()));
    } else if (sweep.max_failures && num_failed() >= static_cast<std::size_t>(*sweep.max_failures)) {
      ledger_.stop(fmt::format("{} jobs failed (sweep.max_failures={})", num_failed(), *sweep.max_failures));
    }
  }

  std::size_t num_failed() const {
    const auto states = ledger_.states(sweep_.jobs().size());
    return static_cast<std::size_t>(std::count_if(
        states.begin(), states.end(), [](const JobStatus& status) { return status.state == JobState::kFailed; }));
  }

  void give_back(JobClaim& claim, const core::Interrupted& error) {
    if (!claim.is_open()) return;
    if (std::filesystem::exists(sweep_.run_folder(claim.number()))) {
      claim.done(0);
    } else if (error.time_is_up() && options_.may_requeue && !options_.may_requeue(claim)) {
      fail(claim, "the time limit was reached too often", 0);
    } else {
      claim.requeued(error.message());
    }
  }

  bool others_are_at_work() const {
    const auto states = ledger_.states(sweep_.jobs().size());
    return std::any_of(jobs_.begin(), jobs_.end(), [&](std::size_t number) {
      return states[number].state == JobState::kRunning || states[number].state == JobState::kPending;
    });
  }

  static void pause() {
    constexpr int kSteps = 10;
    for (int step = 0; step < kSteps; ++step) {
      core::stop_if_interrupted();
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
  }

  WorkerResult result(bool time_is_up) const {
    const auto states = ledger_.states(sweep_.jobs().size());
    WorkerResult result;
    result.time_is_up = time_is_up;
    for (const std::size_t number : jobs_) {
      const JobState state = states[number].state;
      ++(state == JobState::kDone ? result.done : state == JobState::kFailed ? result.failed : result.open);
    }
    return result;
  }

  const SweepFolder& sweep_;
  const WorkerOptions& options_;
  const experiment::Installation& installation_;
  Ledger ledger_;
  std::vector<std::size_t> jobs_;
  std::unique_ptr<experiment::Session> session_;
};

}  // namespace

int WorkerResult::exit_code() const {
  if (time_is_up) return kRequeueExitCode;
  return failed == 0 && open == 0 ? 0 : 1;
}

WorkerResult run_worker(const SweepFolder& sweep, const WorkerOptions& options,
                        const experiment::Installation& installation) {
  core::note_interruptions();
  const CancelWatch watch(sweep);
  return Worker(sweep, options, installation).run();
}

std::vector<std::size_t> parse_job_list(const std::string& text, std::size_t num_jobs) {
  const auto refuse = [&](const std::string& what) {
    throw core::ConfigError(what, fmt::format("--jobs {}", text), "Write numbers and ranges, e.g. --jobs 3,4,9-12.");
  };
  const auto number_in = [&](std::string_view part) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size()) refuse(fmt::format("'{}' is no job number", part));
    if (number >= num_jobs) refuse(fmt::format("there is no job {}: the sweep has {}", number, num_jobs));
    return number;
  };
  std::vector<std::size_t> jobs;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const auto dash = part.find('-');
    const std::size_t first = number_in(part.substr(0, dash));
    const std::size_t last = dash == std::string_view::npos ? first : number_in(part.substr(dash + 1));
    if (last < first) refuse(fmt::format("'{}' is no range", part));
    for (std::size_t number = first; number <= last; ++number) jobs.push_back(number);
    begin = end + 1;
  }
  return jobs;
}

}  // namespace normadd::sweeps
