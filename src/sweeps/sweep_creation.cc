// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_creation.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "config/fingerprint.h"
#include "core/atomic_file.h"
#include "core/day_folder.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/process_identity.h"
#include "experiment/component_checks.h"
#include "experiment/job_batch.h"
#include "sweeps/input_prints.h"
#include "sweeps/sweep_files.h"

namespace normadd::sweeps {
namespace {

namespace fs = std::filesystem;
using config::Value;

constexpr std::size_t kNameLength = 8;  // hash characters in a folder's name

std::string text_of(const std::vector<std::string>& overrides) {
  std::string text;
  for (const auto& override : overrides) text += (text.empty() ? "" : " ") + override;
  return text;
}

/// Two jobs with the same print have the same results in the same files.
std::string print_of(const experiment::Job& job) {
  Value run = *job.resolved.find("run");
  for (const char* key : {"dir", "root", "batch_size"}) run.erase(key);
  return job.identity + config::fingerprint(run);
}

/// The jobs on their way into files.
class Freezer {
 public:
  explicit Freezer(const SweepRequest& request)
      : request_(request), composer_(request.compose.search_paths), prints_(request.home) {}

  /// Composes and checks all jobs; into: the frozen configurations.
  void freeze(core::AtomicFile& into) {
    for (const auto& swept : request_.jobs) {
      try {
        freeze_one(swept, into);
      } catch (const core::ConfigError& error) {
        if (swept.chosen.empty()) throw;
        throw core::ConfigError(fmt::format("job {} ({}): {}", number_, text_of(swept.chosen), error.message()),
                                error.where(), error.hint());
      }
    }
  }

  const std::vector<SweepJob>& jobs() const { return jobs_; }

  /// Jobs that bring a detector or an image pass of their own first, so that parallel workers start with different work
  /// instead of waiting for one another; then the others, those of a batch together.
  std::vector<std::size_t> order() const {
    std::vector<std::size_t> order;
    std::map<std::string, std::vector<std::size_t>> others;
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      const bool is_first_fit = seen.emplace("fit " + fits_[i], i).second;
      const bool is_first_pass = seen.emplace("pass " + jobs_[i].batch, i).second;
      if (is_first_fit || is_first_pass) {
        order.push_back(i);
      } else {
        others[jobs_[i].batch].push_back(i);
      }
    }
    for (const auto& job : jobs_) {
      auto& batch = others[job.batch];
      order.insert(order.end(), batch.begin(), batch.end());
      batch.clear();
    }
    return order;
  }

  std::string identity() const { return core::xxh128_hex(all_prints_ + NORMADD_VERSION + fs::current_path().string()); }
  std::vector<std::string> warnings() const {
    if (num_repeated_ == 0) return {};
    return {fmt::format("{} {} the same configuration as an earlier one and run{} once only: {}", num_repeated_,
                        num_repeated_ == 1 ? "job has" : "jobs have", num_repeated_ == 1 ? "s" : "",
                        text_of(first_repeated_))};
  }
  const Value& launcher() const { return launcher_; }
  const SweepOptions& options() const { return options_; }

 private:
  void freeze_one(const config::SweptOverrides& swept, core::AtomicFile& into) {
    auto composed = composer_.compose(request_.compose.config_name, swept.all);
    composed.job_number = static_cast<std::int64_t>(jobs_.size());
    const experiment::Job job = experiment::make_job(composed);
    experiment::check_components(job);
    take_sweep_nodes(job);
    ++number_;
    const std::string print = print_of(job);
    if (!seen_.emplace(print, number_).second) {
      if (num_repeated_++ == 0) first_repeated_ = swept.chosen;
      return;
    }
    all_prints_ += print + prints_.of(job);
    const std::string line = frozen_line(composed, job.resolved);
    jobs_.push_back({jobs_.size(), job.identity, swept.chosen, core::xxh128_hex(experiment::batch_key(job)), offset_,
                     line.size(), core::xxh128_hex(line)});
    fits_.push_back(fit_print(job));
    into.append(line + "\n");
    offset_ += line.size() + 1;
  }

  /// What decides a job's detectors, as far as the configuration says.
  static std::string fit_print(const experiment::Job& job) {
    std::string text = fmt::format("{} {}", job.options.seed, config::fingerprint(job.dataset));
    for (const auto& detector : job.detectors) text += config::fingerprint(detector.node);
    return core::xxh128_hex(text + config::fingerprint(*job.resolved.find("backbone")));
  }

  /// They are the same for all jobs.
  void take_sweep_nodes(const experiment::Job& job) {
    std::string print;
    for (const char* key : {"launcher", "sweep", "cache"}) {
      const Value* node = job.resolved.find(key);
      print += node != nullptr ? config::fingerprint(*node) : "-";
    }
    if (number_ == 0) {
      check_sweep_nodes(job.resolved);
      launcher_ = launcher_node(job.resolved);
      options_ = sweep_options(job.resolved);
      sweep_nodes_ = print;
    } else if (print != sweep_nodes_) {
      throw core::ConfigError("the jobs of a sweep share the sections launcher, sweep and cache", "",
                              "Give these one value each.");
    }
  }

  const SweepRequest& request_;
  config::Composer composer_;
  InputPrints prints_;
  std::vector<SweepJob> jobs_;
  std::vector<std::string> fits_;  // of each job, see fit_print
  std::unordered_map<std::string, std::size_t> seen_;
  std::string all_prints_, sweep_nodes_;
  std::size_t number_ = 0, offset_ = 0, num_repeated_ = 0;
  std::vector<std::string> first_repeated_;
  Value launcher_;
  SweepOptions options_;
};

/// A folder that only this process knows, until it is given its name.
class PrivateFolder {
 public:
  explicit PrivateFolder(const fs::path& parent) : path_(parent / core::private_name("sweep")) {
    core::make_directories(path_);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  /// False when there is something else of that name.
  bool rename_to(const fs::path& name) {
    core::make_directories(name.parent_path());
    std::error_code error;
    fs::rename(path_, name, error);
    if (!error) {
      path_.clear();
      return true;
    }
    if (fs::exists(name)) return false;
    throw core::OutputError("cannot make the sweep's folder: " + error.message(), name.string(),
                            "Check that the folder is writable.");
  }

 private:
  fs::path path_;
};

bool is_sweep_of(const fs::path& folder, const std::string& identity) {
  if (!fs::is_regular_file(folder / "sweep.json")) return false;
  try {
    return read_record(folder / "sweep.json").identity == identity;
  } catch (const core::Error&) {
    return false;  // a damaged sweep is nobody's
  }
}

/// Below root/DATE, by the hash in its name; the newest.
std::optional<fs::path> find_same(const fs::path& root, const std::string& identity) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& day : fs::directory_iterator(root, error)) {
    if (!day.is_directory(error)) continue;
    for (const auto& sweep : fs::directory_iterator(day.path(), error)) {
      const std::string name = sweep.path().filename().string();
      if (name.find("_" + identity.substr(0, kNameLength)) == std::string::npos) continue;
      if (is_sweep_of(sweep.path(), identity)) found.push_back(sweep.path());
    }
  }
  if (found.empty()) return std::nullopt;
  return *std::max_element(found.begin(), found.end());
}

Value multirun_record(const SweepRequest& request, const fs::path& folder, std::size_t jobs) {
  config::List task;
  for (const auto& text : request.compose.overrides) task.emplace_back(text);
  return config::MapEntries{
      {"hydra",
       Value(config::MapEntries{
           {"mode", Value("MULTIRUN")},
           {"sweep", Value(config::MapEntries{{"dir", Value(folder.string())}, {"subdir", Value("${hydra.job.num}")}})},
           {"overrides", Value(config::MapEntries{{"task", Value(std::move(task))}})},
           {"job", Value(config::MapEntries{{"name", Value("normadd")},
                                            {"config_name", Value(request.compose.config_name)},
                                            {"num_jobs", Value(static_cast<std::int64_t>(jobs))}})}})}};
}

/// Without the slash at the end that shells add.
fs::path plain_path(const std::string& text) {
  const fs::path path = fs::absolute(text).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

MadeSweep make_sweep(const SweepRequest& request) {
  if (request.jobs.empty())
    throw core::ConfigError("the sweep has no jobs", "", "Give a key several values: seed=0,1.");
  // The options say where the sweep's folder is: the first job tells them.
  const Value first = config::resolve(
      config::compose({request.compose.search_paths, request.compose.config_name, request.jobs.front().all}));
  const SweepOptions options = sweep_options(first);
  const fs::path wanted = options.dir ? plain_path(*options.dir) : fs::path();
  const fs::path parent = options.dir ? wanted.parent_path() : fs::path(options.root);
  core::make_directories(parent);
  core::remove_leftovers(parent);
  PrivateFolder making(parent);
  Freezer freezer(request);
  core::AtomicFile frozen(making.path() / "frozen.jsonl");
  freezer.freeze(frozen);
  frozen.commit();

  const std::string identity = freezer.identity();
  const auto existing = [&](const fs::path& path) {
    MadeSweep made{SweepFolder::open(path), true, freezer.warnings()};
    made.folder.change_record(freezer.launcher(), freezer.options());
    return made;
  };
  if (!request.always_new && !options.dir) {
    if (const auto same = find_same(options.root, identity)) return existing(*same);
  }
  std::string lines;
  for (const auto& job : freezer.jobs()) lines += job_line(job);
  core::write_file_atomically(making.path() / "jobs.jsonl", lines);
  core::write_file_atomically(making.path() / "order.json", nlohmann::json(freezer.order()).dump() + "\n");
  const std::tm time = core::local_time();
  const SweepRecord record{identity,           freezer.jobs().size(), fmt::format("{:%Y-%m-%dT%H:%M:%S%z}", time),
                           NORMADD_VERSION,    fs::current_path(),    request.compose.overrides,
                           freezer.launcher(), freezer.options()};
  core::write_file_atomically(making.path() / "sweep.json", record_text(record));
  core::make_directories(making.path() / "ledger");

  const std::string name = fmt::format("{:%H-%M-%S}_{}", time, identity.substr(0, kNameLength));
  for (int attempt = 1;; ++attempt) {
    const fs::path path = options.dir ? wanted
                                      : core::day_folder(options.root, time) /
                                            (attempt == 1 ? name : fmt::format("{}-{}", name, attempt));
    core::write_file_atomically(making.path() / "multirun.yaml",
                                config::to_yaml(multirun_record(request, path, freezer.jobs().size())));
    if (making.rename_to(path)) return {SweepFolder::open(path), false, freezer.warnings()};
    // Another process was faster with the same sweep, or the folder was there before.
    if (is_sweep_of(path, identity) && !(request.always_new && !options.dir)) return existing(path);
    if (options.dir) {
      throw core::OutputError("the sweep's folder exists, and it is not this sweep", path.string(),
                              "Choose another sweep.dir, or remove it first.");
    }
  }
}

}  // namespace normadd::sweeps
