// SPDX-License-Identifier: Apache-2.0
#include "sweeps/sweep_files.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "config/value_json.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::sweeps {
namespace {

using config::Value;

constexpr const char* kHint = "Restore the file, or make the sweep again.";

Value list_of(const std::vector<std::string>& texts) {
  config::List list;
  for (const auto& text : texts) list.emplace_back(text);
  return list;
}

/// A member that must be there and of the right kind; where is named otherwise.
const Value& member(const Value& map, const char* key, bool (Value::*is_kind)() const, const std::string& where) {
  const Value* found = map.find(key);
  if (found == nullptr || !(found->*is_kind)()) {
    throw core::DataError(fmt::format("the file is damaged: '{}' is missing or of another kind", key), where, kHint);
  }
  return *found;
}

std::string text_member(const Value& map, const char* key, const std::string& where) {
  return member(map, key, &Value::is_string, where).as_string();
}

std::size_t count_member(const Value& map, const char* key, const std::string& where) {
  const auto count = member(map, key, &Value::is_integer, where).as_integer();
  if (count < 0) throw core::DataError(fmt::format("the file is damaged: '{}' is negative", key), where, kHint);
  return static_cast<std::size_t>(count);
}

std::vector<std::string> texts_member(const Value& map, const char* key, const std::string& where) {
  std::vector<std::string> texts;
  for (const auto& element : member(map, key, &Value::is_list, where).as_list()) {
    if (!element.is_string()) throw core::DataError("the file is damaged", where, kHint);
    texts.push_back(element.as_string());
  }
  return texts;
}

std::int64_t integer(std::size_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

std::string job_line(const SweepJob& job) {
  return config::to_json_line(Value(config::MapEntries{{"number", integer(job.number)},
                                                       {"id", job.id},
                                                       {"overrides", list_of(job.overrides)},
                                                       {"batch", job.batch},
                                                       {"offset", integer(job.offset)},
                                                       {"size", integer(job.size)},
                                                       {"checksum", job.checksum}})) +
         "\n";
}

std::vector<SweepJob> read_job_lines(const std::filesystem::path& file) {
  const std::string text = core::read_file(file);
  std::vector<SweepJob> jobs;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string where = fmt::format("{}:{}", file.string(), jobs.size() + 1);
    const Value line = config::from_json_line(text.substr(begin, end - begin), where);
    SweepJob job{count_member(line, "number", where),    text_member(line, "id", where),
                 texts_member(line, "overrides", where), text_member(line, "batch", where),
                 count_member(line, "offset", where),    count_member(line, "size", where),
                 text_member(line, "checksum", where)};
    if (job.number != jobs.size()) throw core::DataError("the file is damaged: a job is missing", where, kHint);
    jobs.push_back(std::move(job));
    begin = end + 1;
  }
  return jobs;
}

std::string frozen_line(const config::ComposedConfig& composed, const Value& resolved) {
  config::MapEntries choices, changed;
  for (const auto& [group, option] : composed.choices) choices.emplace_back(group, option);
  for (const auto& [key, node] : resolved.as_map()) {
    const Value* before = composed.config.find(key);
    if (before == nullptr || !(*before == node)) changed.emplace_back(key, node);
  }
  return config::to_json_line(Value(config::MapEntries{{"overrides", list_of(composed.overrides)},
                                                       {"choices", Value(std::move(choices))},
                                                       {"config", composed.config},
                                                       {"resolved", Value(std::move(changed))}}));
}

experiment::Job job_of_frozen_line(const std::string& line, const std::string& where) {
  const Value frozen = config::from_json_line(line, where);
  config::ComposedConfig composed;
  composed.overrides = texts_member(frozen, "overrides", where);
  for (const auto& [group, option] : member(frozen, "choices", &Value::is_map, where).as_map()) {
    composed.choices.emplace_back(group, option.is_string() ? option.as_string() : "");
  }
  composed.config = member(frozen, "config", &Value::is_map, where);
  Value resolved = composed.config;
  for (const auto& [key, node] : member(frozen, "resolved", &Value::is_map, where).as_map()) resolved.set(key, node);
  return experiment::make_job(composed, std::move(resolved));
}

std::string record_text(const SweepRecord& record) {
  const SweepOptions& options = record.options;
  const Value sweep(config::MapEntries{{"dir", options.dir ? Value(*options.dir) : Value()},
                                       {"root", options.root},
                                       {"on_error", options.on_error},
                                       {"max_failures", options.max_failures ? Value(*options.max_failures) : Value()},
                                       {"max_attempts", options.max_attempts}});
  return config::to_json_line(Value(config::MapEntries{{"format", 1},
                                                       {"identity", record.identity},
                                                       {"num_jobs", integer(record.num_jobs)},
                                                       {"created", record.created},
                                                       {"program_version", record.program_version},
                                                       {"directory", record.directory.string()},
                                                       {"overrides", list_of(record.overrides)},
                                                       {"launcher", record.launcher},
                                                       {"sweep", sweep}})) +
         "\n";
}

SweepRecord read_record(const std::filesystem::path& file) {
  const std::string where = file.string();
  const Value json = config::from_json_line(core::read_file(file), where);
  if (member(json, "format", &Value::is_integer, where).as_integer() != 1) {
    throw core::DataError("this sweep was made by another version of the program", where, "Use that version for it.");
  }
  SweepRecord record;
  record.identity = text_member(json, "identity", where);
  record.num_jobs = count_member(json, "num_jobs", where);
  record.created = text_member(json, "created", where);
  record.program_version = text_member(json, "program_version", where);
  record.directory = text_member(json, "directory", where);
  record.overrides = texts_member(json, "overrides", where);
  record.launcher = member(json, "launcher", &Value::is_map, where);
  record.options = config::read_options<SweepOptions>(member(json, "sweep", &Value::is_map, where), "sweep");
  return record;
}

}  // namespace normadd::sweeps
