// SPDX-License-Identifier: Apache-2.0
#include "experiment/job_batch.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "config/fingerprint.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interruption.h"
#include "core/log.h"
#include "experiment/category_pass.h"
#include "experiment/job_results.h"
#include "experiment/prepared_job.h"
#include "experiment/result_cache.h"
#include "experiment/run_folder.h"
#include "experiment/runner.h"
#include "experiment/worst_pictures.h"
#include "normality/registry.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

/// A job on its way.
struct Running {
  Running(const JobTarget& job_target, JobOutcome& job_outcome)
      : target(job_target),
        outcome(job_outcome),
        with_panels(draws_panels(*job_target.job, /*is_part_of_sweep=*/!job_target.folder.empty())) {}

  const JobTarget& target;
  JobOutcome& outcome;
  bool with_panels;
  PreparedJob prepared;
  std::optional<stages::StageKey> results;  // none: they are not kept
  std::optional<RunFolder> folder;
  bool is_done = false;  // its files are written

  const Job& job() const { return *target.job; }
  bool is_open() const { return folder && !outcome.error && !is_done; }
};

std::exception_ptr understood(const std::exception_ptr& error, const std::string& where) {
  try {
    std::rethrow_exception(error);
  } catch (const c10::Error& torch) {
    const std::string text = torch.what_without_backtrace();
    if (text.find("DefaultCPUAllocator") != std::string::npos) return std::make_exception_ptr(std::bad_alloc());
    return std::make_exception_ptr(
        core::InternalError("LibTorch failed: " + text.substr(0, text.find('\n')), where, ""));
  } catch (...) {
    return std::current_exception();
  }
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "unknown error";
  }
}

/// Runs jobs of one batch key together.
class Batch {
 public:
  Batch(std::vector<Running*> jobs, Session& session, bool styled)
      : jobs_(std::move(jobs)), session_(session), styled_(styled) {}

  /// Leaves each job's outcome; throws Interrupted only.
  void run() {
    try {
      run_together();
    } catch (const core::Interrupted&) {
      throw;
    } catch (...) {
      const auto error = understood(std::current_exception(), where_);
      if (jobs_.size() == 1) {
        jobs_.front()->folder->fail("failed", text_of(error));
        jobs_.front()->outcome.error = error;
        return;
      }
      // One of them is to blame: alone, each succeeds or fails by itself.
      for (Running* running : jobs_) {
        if (!running->is_done) Batch({running}, session_, styled_).run();
      }
    }
  }

 private:
  void run_together() {
    const core::LogCapture log;
    std::vector<std::unique_ptr<core::LogFile>> files;
    // A batch of hundreds must not hold as many open files: there, the log is written at the end.
    if (jobs_.size() == 1 && jobs_.front()->folder->is_visible()) {
      files.push_back(std::make_unique<core::LogFile>(jobs_.front()->folder->path() / "log"));
    }
    try {
      evaluate();
    } catch (const std::exception& error) {
      if (!files.empty()) files.back()->write_error(error.what());
      throw;
    }
    for (std::size_t j = 0; j < jobs_.size(); ++j) finish(*jobs_[j], j, files.empty() ? log.text() : "");
  }

  void evaluate() {
    const auto& dataset = jobs_.front()->prepared.dataset->dataset;
    for (const auto& note : dataset.notes) core::log_info(note);
    std::vector<BatchJob> batch;
    for (Running* running : jobs_) {
      batch.push_back({&running->prepared, running->with_panels, [running] { return running->folder->path(); }});
    }
    outcomes_.assign(jobs_.size(), {});
    for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
      where_ = "category " + dataset.categories[c].name;
      auto outcomes = pass_category(c, batch, session_);
      for (std::size_t j = 0; j < jobs_.size(); ++j) outcomes_[j].push_back(std::move(outcomes[j]));
    }
    where_.clear();
  }

  void finish(Running& running, std::size_t number, const std::string& log) {
    RunFolder& folder = *running.folder;
    {
      // Synced together with those of the other jobs, by let_appear().
      std::optional<core::UnsyncedWrites> unsynced;
      if (!folder.is_visible()) unsynced.emplace();
      write_results(running.prepared, outcomes_[number], folder.path());
      if (running.with_panels) write_worst_pictures(running.prepared.dataset->dataset, folder.path());
      running.outcome.text = write_run_tables(folder.path(), styled_);
      if (!log.empty()) folder.write_log(log);
      folder.write_status("done");
    }
    if (running.results) keep_results(*running.results, folder.path(), session_);
    core::log_info(fmt::format("done: {}", folder.final_path().string()));
    running.is_done = true;
  }

  std::vector<Running*> jobs_;
  Session& session_;
  bool styled_;
  std::string where_;
  std::vector<std::vector<CategoryOutcome>> outcomes_;  // [job][category]
};

/// Takes the results of an equal job, if the cache has them.
bool take_cached(Running& running, Session& session, bool styled) {
  RunFolder& folder = *running.folder;
  if (!running.results || !copy_results(*running.results, folder.path(), session)) return false;
  // The tables name the program's commit, which may be another by now.
  if (folder.is_visible()) running.outcome.text = write_run_tables(folder.path(), styled);
  folder.write_log("");
  folder.write_status("done");
  running.outcome.was_cached = true;
  running.is_done = true;
  return true;
}

/// Private folders of finished jobs appear, after one sync for all of them.
void let_appear(std::deque<Running>& jobs) {
  const auto is_waiting = [](const Running& running) {
    return running.is_done && !running.outcome.error && running.outcome.folder.empty();
  };
  std::set<fs::path> parents;
  for (const Running& running : jobs) {
    if (is_waiting(running) && !running.folder->is_visible()) parents.insert(running.folder->path().parent_path());
  }
  std::exception_ptr failed;
  try {
    if (!parents.empty()) core::sync_file_system(*parents.begin());
  } catch (const core::OutputError&) {
    failed = std::current_exception();
  }
  for (Running& running : jobs) {
    if (!is_waiting(running)) continue;
    try {
      if (failed && !running.folder->is_visible()) std::rethrow_exception(failed);
      running.folder->appear();
      running.outcome.folder = running.folder->final_path();
    } catch (const core::OutputError& error) {
      running.outcome.error = std::current_exception();
      running.folder->fail("failed", error.what());
    }
  }
}

/// With metrics.pixel_pairs each cell has 4 MB of bins.
std::size_t most_jobs_together(const Job& job, const PreparedJob& prepared) {
  constexpr std::size_t kMostJobs = 512, kMostBins = 256;
  if (!job.metrics.pixel_pairs) return kMostJobs;
  std::size_t cells = 1;
  for (const auto& plan : *prepared.plans) {
    std::size_t count = 0;
    for (const auto& pair : plan.pairs) count += pair.cells.size() + 1;
    cells = std::max(cells, count);
  }
  return std::max<std::size_t>(1, kMostBins / (cells * job.detectors.size()));
}

/// Finds and checks what the job needs and makes its folder. False when it has its outcome already.
bool start(Running& running, Session& session, bool styled) {
  try {
    set_threads(running.job().options.threads);
    running.prepared = prepare(running.job(), session);
    running.results = kept_results_key(running.prepared, running.with_panels, session);
    // A text that cannot be encoded leaves no folder; those of results that are there have been.
    if (!running.results || !session.cache().contains(*running.results)) session.check_texts(running.job());
    std::optional<core::UnsyncedWrites> unsynced;
    if (!running.target.folder.empty()) unsynced.emplace();
    running.folder.emplace(
        RunFolder::create(running.job(), provenance_of(running.prepared, session), running.target.folder));
    return !take_cached(running, session, styled);
  } catch (const core::Interrupted&) {
    throw;
  } catch (...) {
    running.outcome.error = understood(std::current_exception(), "");
    if (running.folder) running.folder->fail("failed", text_of(running.outcome.error));
    return false;
  }
}

/// Those with the same key together, in the order of their first jobs.
void run_batches(const std::vector<Running*>& jobs, Session& session, bool styled) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<Running*>> batches;
  for (Running* running : jobs) {
    const std::string key = batch_key(running->job());
    if (batches[key].empty()) order.push_back(key);
    batches[key].push_back(running);
  }
  for (const auto& key : order) {
    const auto& batch = batches[key];
    for (std::size_t begin = 0; begin < batch.size();) {
      const std::size_t most = most_jobs_together(batch[begin]->job(), batch[begin]->prepared);
      const std::size_t end = std::min(batch.size(), begin + most);
      set_threads(batch[begin]->job().options.threads);
      Batch({batch.begin() + std::ptrdiff_t(begin), batch.begin() + std::ptrdiff_t(end)}, session, styled).run();
      begin = end;
    }
  }
}

}  // namespace

std::string batch_key(const Job& job) {
  config::Value normality = job.normality;
  // What is done after the image tower is each job's own.
  const config::Value* name = normality.find("name");
  if (name != nullptr && name->is_string()) {
    for (const auto& key : normality::keys_without_features(name->as_string())) normality.erase(key);
  }
  return fmt::format("{} {} {} {} {}", config::fingerprint(job.dataset),
                     config::fingerprint(*job.resolved.find("clip")), config::fingerprint(normality),
                     job.options.threads, job.run.batch_size);
}

std::vector<JobOutcome> run_jobs(std::span<const JobTarget> targets, Session& session, bool styled) {
  std::vector<JobOutcome> outcomes(targets.size());
  std::deque<Running> all;
  for (std::size_t i = 0; i < targets.size(); ++i) all.emplace_back(targets[i], outcomes[i]);
  try {
    std::vector<Running*> open;
    for (Running& running : all) {
      if (start(running, session, styled)) open.push_back(&running);
    }
    run_batches(open, session, styled);
    let_appear(all);
  } catch (const core::Interrupted& error) {
    let_appear(all);
    std::string visible;
    for (Running& running : all) {
      if (!running.is_open()) continue;
      if (visible.empty() && running.folder->is_visible()) visible = running.folder->path().string();
      running.folder->fail("interrupted", error.what());
    }
    throw core::Interrupted(error.exit_code() - 128, visible);
  }
  return outcomes;
}

}  // namespace normadd::experiment
