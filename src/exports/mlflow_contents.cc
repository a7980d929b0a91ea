// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_contents.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "exports/safe_names.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::int64_t milliseconds(double seconds) { return std::llround(seconds * 1000); }

std::vector<std::pair<std::string, std::string>> tags_of(const std::string& uid, const std::string& name,
                                                         const MlflowPushOptions& options) {
  std::vector<std::pair<std::string, std::string>> tags{
      {"run_uid", uid}, {"mlflow.runName", name}, {"mlflow.source.name", "normadd"}, {"mlflow.source.type", "LOCAL"}};
  if (!options.user.empty()) tags.emplace_back("mlflow.user", cut_text(options.user, kLongestMlflowTag));
  return tags;
}

}  // namespace

Wanted wanted_run(const RunFacts& facts, const std::string& parent_id, const MlflowPushOptions& options) {
  Wanted wanted;
  wanted.uid = facts.uid;
  wanted.name = cut_text(facts.name, kLongestMlflowKey);
  wanted.status = "FINISHED";
  wanted.start_ms = facts.start_s * 1000;
  wanted.end_ms = milliseconds(facts.end_s());
  wanted.entries.tags = tags_of(facts.uid, wanted.name, options);
  const std::pair<const char*, std::string> more[] = {{"mlflow.source.git.commit", facts.git_commit},
                                                      {"normadd.version", facts.program_version},
                                                      {"normadd.data_hash", facts.data_hash},
                                                      {"mlflow.parentRunId", parent_id}};
  for (const auto& [key, value] : more) {
    if (!value.empty()) wanted.entries.tags.emplace_back(key, cut_text(value, kLongestMlflowTag));
  }
  UniqueKeys metric_keys, parameter_keys;
  for (const auto& metric : facts.metrics) {
    std::string whole;
    for (const auto& part : metric.parts) whole += part + '\n';
    wanted.entries.metrics.emplace_back(metric_keys.add(safe_key(metric.parts, Alphabet::kPlain), whole), metric.value);
  }
  for (const auto& [name, value] : facts.parameters) {
    const std::string key = parameter_keys.add(safe_part(name, Alphabet::kPlain, kLongestMlflowKey), name);
    const std::string text = parameter_text(value), cut = cut_text(text, kLongestMlflowParameter);
    if (cut.size() < text.size()) ++wanted.num_cut;
    wanted.entries.parameters.emplace_back(key, cut);
  }
  wanted.files = run_artifacts(facts.folder);
  return wanted;
}

Wanted wanted_sweep(const fs::path& folder, const RunFacts& first, const MlflowPushOptions& options) {
  const Json record = Json::parse(core::read_file(folder / "sweep.json"), nullptr, false);
  const auto text = [&](const char* key) {
    const bool is_there = record.is_object() && record.contains(key);
    return !is_there ? "" : record[key].is_string() ? record[key].get<std::string>() : text_of(record[key]);
  };
  Wanted wanted;
  wanted.uid = core::xxh128_hex(fmt::format("sweep\n{}\n{}", text("identity"), text("created")));
  wanted.name = cut_text(fmt::format("sweep {}", folder.filename().string()), kLongestMlflowKey);
  wanted.status = "RUNNING";
  wanted.start_ms = wanted.end_ms = first.start_s * 1000;
  wanted.entries.tags = tags_of(wanted.uid, wanted.name, options);
  for (const char* key : {"overrides", "num_jobs", "created"}) {
    const std::string value = text(key);
    if (!value.empty()) {
      wanted.entries.parameters.emplace_back(fmt::format("sweep.{}", key), cut_text(value, kLongestMlflowParameter));
    }
  }
  wanted.files = sweep_artifacts(folder);
  return wanted;
}

std::size_t num_jobs_of(const fs::path& sweep) {
  const Json record = Json::parse(core::read_file(sweep / "sweep.json"), nullptr, false);
  const bool is_known = record.is_object() && record.contains("num_jobs") && record["num_jobs"].is_number_unsigned();
  return is_known ? record["num_jobs"].get<std::size_t>() : 0;
}

}  // namespace normadd::exports
