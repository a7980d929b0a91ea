// SPDX-License-Identifier: Apache-2.0
#include "sweeps/collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "reporting/ablation_table.h"
#include "reporting/changed_keys.h"
#include "sweeps/sweep_status.h"

namespace normadd::sweeps {
namespace {

namespace fs = std::filesystem;

struct DoneJobs {
  std::vector<std::size_t> numbers;
  reporting::RunListing listing;  // of the same jobs
  std::vector<reporting::ChangedKey> keys;
};

/// From the frozen configurations, which are read faster than those of the run folders.
DoneJobs done_jobs(const SweepFolder& sweep) {
  DoneJobs done;
  done.numbers = jobs_in_state(sweep, JobState::kDone);
  for (const std::size_t number : done.numbers) {
    experiment::Job job = sweep.frozen_job(number);
    done.listing.runs.push_back({sweep.run_folder(number), job.id, std::move(job.composed.config),
                                 std::move(job.resolved), std::move(job.composed.choices)});
  }
  done.keys = reporting::changed_keys(done.listing.runs);
  std::erase_if(done.keys, [](const auto& key) { return !key.follows.empty(); });
  return done;
}

/// Columns of all tables, in the order in which they first appear.
std::vector<std::string> columns_of(const DoneJobs& done, const std::string& name) {
  std::vector<std::string> columns;
  for (const auto& run : done.listing.runs) {
    for (const auto& column : core::read_csv(run.folder / name).columns) {
      if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
    }
  }
  return columns;
}

void collect_tables(const SweepFolder& sweep, const DoneJobs& done, const std::string& name) {
  const auto columns = columns_of(done, name);
  core::CsvTable header;
  header.columns = {"job"};
  for (const auto& key : done.keys) {
    const bool is_taken = std::find(columns.begin(), columns.end(), key.key) != columns.end() || key.key == "job";
    header.columns.push_back(is_taken ? "config." + key.key : key.key);
  }
  header.columns.insert(header.columns.end(), columns.begin(), columns.end());
  core::AtomicFile file(sweep.path() / name);
  const std::string first_line = core::csv_text(header);
  file.append(first_line);
  for (std::size_t i = 0; i < done.numbers.size(); ++i) {
    const core::CsvTable table = core::read_csv(done.listing.runs[i].folder / name);
    std::vector<std::string> start{std::to_string(done.numbers[i])};
    for (const auto& key : done.keys) start.push_back(key.values[i]);
    std::vector<std::size_t> sources;  // columns of this table by columns of all
    for (const auto& column : columns) {
      const auto found = std::find(table.columns.begin(), table.columns.end(), column);
      sources.push_back(static_cast<std::size_t>(found - table.columns.begin()));
    }
    core::CsvTable rows;
    rows.columns = header.columns;
    for (const auto& row : table.rows) {
      rows.rows.push_back(start);
      for (const std::size_t source : sources) rows.rows.back().push_back(source < row.size() ? row[source] : "");
    }
    file.append(core::csv_text(rows).substr(first_line.size()));
  }
  file.commit();
}

}  // namespace

Collection collect(const SweepFolder& sweep) {
  Collection collection;
  const auto states = sweep.ledger().states(sweep.jobs().size());
  for (std::size_t number = 0; number < states.size(); ++number) {
    if (states[number].state != JobState::kDone) collection.missing.push_back(number);
  }
  const DoneJobs done = done_jobs(sweep);
  if (done.numbers.empty()) return collection;
  collect_tables(sweep, done, "metrics.csv");
  collect_tables(sweep, done, "scores.csv");
  collection.table = reporting::ablation_table(done.listing, {});
  core::write_file_atomically(sweep.path() / "table.txt", reporting::terminal_text(collection.table, false));
  core::write_file_atomically(sweep.path() / "collected.json",
                              nlohmann::json{{"jobs", done.numbers.size()}}.dump() + "\n");
  return collection;
}

std::optional<std::string> final_table(const SweepFolder& sweep) {
  const fs::path record = sweep.path() / "collected.json", table = sweep.path() / "table.txt";
  if (!fs::exists(record) || !fs::exists(table)) return std::nullopt;
  const auto json = nlohmann::json::parse(core::read_file(record), nullptr, false);
  if (!json.is_object() || json.value("jobs", std::size_t{0}) != sweep.jobs().size()) return std::nullopt;
  return core::read_file(table);
}

}  // namespace normadd::sweeps
