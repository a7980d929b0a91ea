// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "sweeps/sweep_files.h"

namespace normadd::sweeps {
namespace {

namespace fs = std::filesystem;

std::vector<std::size_t> by_number(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// Throws DataError unless it names every job once.
std::vector<std::size_t> read_order(const fs::path& file, std::size_t count) {
  if (!fs::exists(file)) return by_number(count);
  const auto json = nlohmann::json::parse(core::read_file(file), nullptr, false);
  std::vector<std::size_t> order;
  if (json.is_array()) {
    for (const auto& number : json) order.push_back(number.is_number_unsigned() ? number.get<std::size_t>() : count);
  }
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != by_number(count)) {
    throw core::DataError("the order does not name every job once", file.string(),
                          "Remove the file: jobs are then taken by their numbers.");
  }
  return order;
}

}  // namespace

SweepFolder SweepFolder::open(const fs::path& path) {
  if (!fs::is_regular_file(path / "sweep.json")) {
    throw core::DataError(fs::exists(path) ? "this is not a sweep's folder" : "there is no such folder", path.string(),
                          "Name a folder that 'normadd run -m' made, e.g. results/sweeps/DATE/TIME_HASH.");
  }
  SweepFolder sweep;
  // Processes of the sweep change their current folder to the one it was made in.
  sweep.path_ = fs::absolute(path).lexically_normal();
  if (!sweep.path_.has_filename()) sweep.path_ = sweep.path_.parent_path();
  sweep.record_ = read_record(path / "sweep.json");
  sweep.jobs_ = read_job_lines(path / "jobs.jsonl");
  if (sweep.jobs_.size() != sweep.record_.num_jobs) {
    throw core::DataError(
        fmt::format("the file is damaged: it has {} jobs, not {}", sweep.jobs_.size(), sweep.record_.num_jobs),
        (path / "jobs.jsonl").string(), "Restore the file, or make the sweep again.");
  }
  sweep.order_ = read_order(path / "order.json", sweep.jobs_.size());
  return sweep;
}

experiment::Job SweepFolder::frozen_job(std::size_t number) const {
  const SweepJob& job = jobs_.at(number);
  const fs::path file = path_ / "frozen.jsonl";
  std::string line(job.size, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(job.offset));
  stream.read(line.data(), static_cast<std::streamsize>(line.size()));
  if (!stream || core::xxh128_hex(line) != job.checksum) {
    throw core::DataError(fmt::format("the frozen configuration of job {} is damaged", number), file.string(),
                          "Restore the file, or make the sweep again.");
  }
  return job_of_frozen_line(line, fmt::format("{}:{}", file.string(), number + 1));
}

void SweepFolder::change_record(const config::Value& launcher, const SweepOptions& options) {
  SweepRecord changed = record_;
  changed.launcher = launcher;
  changed.options = options;
  const std::string text = record_text(changed);
  if (text != record_text(record_)) core::write_file_atomically(path_ / "sweep.json", text);
  record_ = std::move(changed);
}

void SweepFolder::write_order(std::vector<std::size_t> order) {
  core::write_file_atomically(path_ / "order.json", nlohmann::json(order).dump() + "\n");
  order_ = std::move(order);
}

std::string overrides_text(const SweepJob& job) { return fmt::format("{}", fmt::join(job.overrides, " ")); }

}  // namespace normadd::sweeps
