// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_push.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/progress.h"
#include "exports/mlflow_artifacts.h"
#include "exports/mlflow_batches.h"
#include "exports/mlflow_contents.h"
#include "exports/run_facts.h"
#include "exports/safe_names.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kApi = "/api/2.0/mlflow/";
constexpr const char* kFilesTag = "normadd.files";

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// What it holds.
struct There {
  std::string id, artifact_uri, status;
  std::set<std::string> metrics;
  std::map<std::string, std::string> parameters, tags;
};

class Pusher {
 public:
  Pusher(const MlflowClient& client, const MlflowPushOptions& options, MlflowPush& report)
      : client_(client), report_(report), experiment_(experiment_of(options.experiment)) {}

  /// The run's id.
  std::string push(const Wanted& wanted) {
    auto there = find(wanted.uid);
    const bool is_new = !there;
    if (is_new) there = create(wanted);
    const bool changed = complete(wanted, *there);
    ++(is_new ? report_.num_created : changed ? report_.num_completed : report_.num_unchanged);
    return there->id;
  }

  void set_status(const std::string& run_id, const std::string& status, std::int64_t end_ms) {
    Json body{{"run_id", run_id}, {"status", status}};
    if (status == "FINISHED") body["end_time"] = end_ms;
    call("runs/update", body, true);
  }

  /// The status that the run had when it was looked for; empty when it is not there.
  std::string status_of(const std::string& uid) const {
    const auto there = find(uid);
    return there ? there->status : "";
  }

 private:
  Json call(const std::string& what, const Json& body, bool repeatable) const {
    return parsed(client_.post(kApi + what, text_of(body), repeatable), what);
  }

  Json parsed(const std::string& body, const std::string& what) const {
    Json json = Json::parse(body, nullptr, false);
    if (!json.is_object()) {
      throw MlflowError(200, "", "the answer is not MLflow's JSON", client_.tracking_uri() + kApi + what,
                        "Check that the tracking URI is that of an MLflow server, with its path if it has one.");
    }
    return json;
  }

  static std::string string_at(const Json& json, std::initializer_list<const char*> path) {
    const Json* node = &json;
    for (const char* key : path) {
      if (!node->is_object() || !node->contains(key)) return "";
      node = &node->at(key);
    }
    return node->is_string() ? node->get<std::string>() : "";
  }

  std::optional<std::string> existing_experiment(const std::string& name) const {
    try {
      const Json json = parsed(client_.get(std::string(kApi) + "experiments/get-by-name", {{"experiment_name", name}}),
                               "experiments");
      if (string_at(json, {"experiment", "lifecycle_stage"}) == "deleted") {
        throw core::ConfigError(fmt::format("the experiment '{}' was deleted on the server", cut_text(name, 100)),
                                "--experiment", "Restore it there, or choose another name.");
      }
      return string_at(json, {"experiment", "experiment_id"});
    } catch (const MlflowError& error) {
      if (error.status() == 404 && error.code() == "RESOURCE_DOES_NOT_EXIST") return std::nullopt;
      throw;
    }
  }

  std::string experiment_of(const std::string& name) const {
    if (const auto id = existing_experiment(name)) return *id;
    try {
      return string_at(call("experiments/create", {{"name", name}}, false), {"experiment_id"});
    } catch (const MlflowError& error) {
      // Another push was faster.
      if (error.code() != "RESOURCE_ALREADY_EXISTS") throw;
      return existing_experiment(name).value_or("");
    }
  }

  There there_of(const Json& run) const {
    There there;
    there.id = string_at(run, {"info", "run_id"});
    there.artifact_uri = string_at(run, {"info", "artifact_uri"});
    there.status = string_at(run, {"info", "status"});
    if (there.id.empty()) parsed("", "runs");
    const Json data = run.value("data", Json::object());
    for (const auto& metric : data.value("metrics", Json::array())) there.metrics.insert(string_at(metric, {"key"}));
    for (const auto& one : data.value("params", Json::array())) {
      there.parameters[string_at(one, {"key"})] = string_at(one, {"value"});
    }
    for (const auto& tag : data.value("tags", Json::array()))
      there.tags[string_at(tag, {"key"})] = string_at(tag, {"value"});
    return there;
  }

  std::optional<There> find(const std::string& uid) const {
    const Json json = call("runs/search",
                           {{"experiment_ids", {experiment_}},
                            {"filter", fmt::format("tags.run_uid = '{}'", uid)},
                            {"run_view_type", "ACTIVE_ONLY"},
                            {"max_results", 2},
                            {"order_by", {"attributes.start_time ASC"}}},
                           true);
    const Json runs = json.value("runs", Json::array());
    if (runs.empty()) return std::nullopt;
    if (runs.size() > 1) {
      report_.notes.insert("the server has a run twice, from two pushes at the same time; only one is kept up to date");
    }
    return there_of(runs.at(0));
  }

  /// Not repeated by itself: an answer that got lost would leave two runs. The next push finds the first by its tag.
  There create(const Wanted& wanted) const {
    Json tags = Json::array();
    for (const auto& [key, value] : wanted.entries.tags) tags.push_back({{"key", key}, {"value", value}});
    const Json json = call(
        "runs/create",
        {{"experiment_id", experiment_}, {"run_name", wanted.name}, {"start_time", wanted.start_ms}, {"tags", tags}},
        false);
    return there_of(json.value("run", Json::object()));
  }

  bool complete(const Wanted& wanted, const There& there) {
    MlflowEntries missing;
    for (const auto& metric : wanted.entries.metrics) {
      if (!there.metrics.contains(metric.first)) missing.metrics.push_back(metric);
    }
    for (const auto& parameter : wanted.entries.parameters) {
      const auto found = there.parameters.find(parameter.first);
      if (found == there.parameters.end()) missing.parameters.push_back(parameter);
      if (found != there.parameters.end() && found->second != parameter.second) {
        report_.notes.insert("some parameters have another value on the server, which cannot be changed there");
      }
    }
    send(there.id, missing, wanted.end_ms);
    const bool has_new_files = send_files(wanted, there);
    const bool is_finished = there.status == wanted.status;
    // Last: a finished run of the server is a whole one.
    if (!is_finished) set_status(there.id, wanted.status, wanted.end_ms);
    report_.num_metrics += missing.metrics.size();
    report_.num_parameters += missing.parameters.size();
    return !missing.metrics.empty() || !missing.parameters.empty() || has_new_files || !is_finished;
  }

  void send(const std::string& run_id, const MlflowEntries& entries, std::int64_t timestamp_ms) const {
    for (const auto& body : mlflow_batches(run_id, entries, timestamp_ms)) {
      // Not repeated by itself: a store that only appends would have the numbers twice.
      client_.post(std::string(kApi) + "runs/log-batch", body, false);
    }
  }

  bool send_files(const Wanted& wanted, const There& there) {
    if (const std::string obstacle = artifact_obstacle(client_, there.artifact_uri); !obstacle.empty()) {
      report_.notes.insert(fmt::format("no files were sent: {}", obstacle));
      return false;
    }
    const std::string fingerprint = artifacts_fingerprint(wanted.files);
    const auto tag = there.tags.find(kFilesTag);
    const bool was_finished = tag != there.tags.end();
    const bool is_same = was_finished && tag->second == fingerprint;
    const std::size_t num_sent =
        send_artifacts(client_, there.id, there.artifact_uri, wanted.files, was_finished && !is_same);
    if (!is_same) send(there.id, {{}, {}, {{kFilesTag, fingerprint}}}, wanted.end_ms);
    report_.num_files += num_sent;
    return num_sent > 0 || !is_same;
  }

  const MlflowClient& client_;
  MlflowPush& report_;
  std::string experiment_;
};

void push_set(const RunSet& set, const MlflowPushOptions& options, Pusher& pusher, core::Progress& progress,
              MlflowPush& report) {
  std::string parent_id, parent_status;
  Wanted parent;
  for (const auto& run : set.runs) {
    const RunFacts facts = read_run_facts(run, options.controls);
    if (!set.sweep.empty() && parent_id.empty()) {
      parent = wanted_sweep(set.sweep, facts, options);
      parent_status = pusher.status_of(parent.uid);
      if (parent_status == "FINISHED") parent.status = parent_status;
      parent_id = pusher.push(parent);
      ++report.num_parents;
    }
    parent.end_ms = std::max(parent.end_ms, static_cast<std::int64_t>(std::llround(1000 * facts.end_s())));
    const Wanted wanted = wanted_run(facts, parent_id, options);
    pusher.push(wanted);
    report.num_undefined += facts.num_undefined;
    report.num_cut += wanted.num_cut;
    ++report.num_runs;
    progress.advance();
  }
  if (!parent_id.empty() && set.runs.size() >= num_jobs_of(set.sweep) && parent_status != "FINISHED") {
    pusher.set_status(parent_id, "FINISHED", parent.end_ms);
  }
}

}  // namespace

MlflowPush push_mlflow(const reporting::RunListing& listing, const MlflowClient& client,
                       const MlflowPushOptions& options) {
  MlflowPush report;
  Pusher pusher(client, options, report);
  core::Progress progress("push", listing.runs.size());
  for (const auto& set : run_sets(listing)) push_set(set, options, pusher, progress, report);
  return report;
}

}  // namespace normadd::exports
