// SPDX-License-Identifier: Apache-2.0
// A small tracking server that keeps to MLflow's limits as mlflow/utils/validation.py states them and refuses what
// breaks them. It is no stand-in for the real one (mlflow_server_test.cc), but can be told to fail at any request.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/http_server.h"

namespace normadd::test {

class FakeMlflow {
 public:
  struct Run {
    std::string id, status = "RUNNING", name;
    std::map<std::string, std::string> parameters, tags;
    std::vector<std::pair<std::string, double>> metrics;  // as often as they were sent
    std::map<std::string, std::string> files;
    nlohmann::json json() const {
      nlohmann::json data{
          {"metrics", nlohmann::json::array()}, {"params", nlohmann::json::array()}, {"tags", nlohmann::json::array()}};
      for (const auto& [key, value] : metrics) data["metrics"].push_back({{"key", key}, {"value", value}});
      for (const auto& [key, value] : parameters) data["params"].push_back({{"key", key}, {"value", value}});
      for (const auto& [key, value] : tags) data["tags"].push_back({{"key", key}, {"value", value}});
      return {
          {"info", {{"run_id", id}, {"status", status}, {"artifact_uri", "mlflow-artifacts:/1/" + id + "/artifacts"}}},
          {"data", data}};
    }
  };

  /// Asked before each request, with its number from 0: an answer to give in place of the true one. after: the request
  /// takes effect first.
  struct Trouble {
    Answer answer;
    bool after = false;
  };
  std::function<std::optional<Trouble>(std::size_t, const ServedRequest&)> trouble;

  FakeMlflow() : server_([this](const ServedRequest& request) { return answer(request); }) {}
  std::string url() const { return server_.url(); }
  const HttpServer& server() const { return server_; }
  const std::vector<Run>& runs() const { return runs_; }
  const std::vector<std::string>& violations() const { return violations_; }
  std::size_t num_requests() const { return num_requests_; }
  const std::vector<std::string>& experiments() const { return experiments_; }

 private:
  using Json = nlohmann::json;

  Answer answer(const ServedRequest& request) {
    const std::lock_guard lock(mutex_);
    const std::size_t number = num_requests_++;
    const auto planned = trouble ? trouble(number, request) : std::nullopt;
    if (planned && !planned->after) return planned->answer;
    const Answer real = act(request);
    return planned ? planned->answer : real;
  }

  static Answer refusal(int status, const std::string& code, const std::string& message) {
    return {.status = status, .body = Json{{"error_code", code}, {"message", message}}.dump()};
  }

  Answer violation(const std::string& message) {
    violations_.push_back(message);
    return refusal(400, "INVALID_PARAMETER_VALUE", message);
  }

  Run* run_of(const std::string& id) {
    for (auto& run : runs_) {
      if (run.id == id) return &run;
    }
    return nullptr;
  }

  static std::string query_value(const std::string& target, const std::string& name) {
    const auto at = target.find(name + "=");
    if (at == std::string::npos) return "";
    const auto start = at + name.size() + 1;
    return unescaped(target.substr(start, target.find('&', start) - start));
  }

  static std::string unescaped(const std::string& text) {
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        value += text[i];
        continue;
      }
      value += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
    return value;
  }

  Answer act(const ServedRequest& request) {
    const std::string path = request.path();
    const std::string api = "/api/2.0/mlflow/", store = "/api/2.0/mlflow-artifacts/artifacts/1/";
    if (path == api + "experiments/get-by-name") return experiment(query_value(request.target, "experiment_name"));
    if (path == api + "artifacts/list") {
      return list(query_value(request.target, "run_id"), query_value(request.target, "path"));
    }
    if (request.method == "PUT" && path.starts_with(store)) return put(path.substr(store.size()), request.body);
    const Json body = Json::parse(request.body, nullptr, false);
    if (!body.is_object()) return violation("no JSON object: " + path);
    if (path == api + "experiments/create") {
      experiments_.push_back(body.at("name"));
      return {.body = R"({"experiment_id": "1"})"};
    }
    if (path == api + "runs/search") return search(body);
    if (path == api + "runs/create") return create(body);
    if (path == api + "runs/log-batch") return log_batch(body, request.body.size());
    if (path == api + "runs/update") {
      Run* run = run_of(body.at("run_id"));
      if (run == nullptr) return refusal(404, "RESOURCE_DOES_NOT_EXIST", "no run");
      run->status = body.at("status");
      return {.body = "{}"};
    }
    return refusal(404, "ENDPOINT_NOT_FOUND", path);
  }

  Answer experiment(const std::string& name) {
    for (const auto& known : experiments_) {
      if (known == name) return {.body = R"({"experiment": {"experiment_id": "1", "lifecycle_stage": "active"}})"};
    }
    return refusal(404, "RESOURCE_DOES_NOT_EXIST", "Could not find experiment");
  }

  Answer search(const Json& body) {
    Json found = Json::array();
    const std::string filter = body.at("filter");
    for (const auto& run : runs_) {
      const auto uid = run.tags.find("run_uid");
      if (uid != run.tags.end() && filter == "tags.run_uid = '" + uid->second + "'") found.push_back(run.json());
    }
    return {.body = Json{{"runs", found}}.dump()};
  }

  Answer create(const Json& body) {
    Run run;
    run.id = "r" + std::to_string(runs_.size());
    run.name = body.at("run_name");
    for (const auto& tag : body.at("tags")) {
      if (!is_key(tag.at("key")) || tag.at("value").get<std::string>().size() > 5000) return violation("tag");
      run.tags[tag.at("key")] = tag.at("value");
    }
    runs_.push_back(run);
    return {.body = Json{{"run", run.json()}}.dump()};
  }

  static bool is_key(const std::string& key) {
    static const std::regex allowed(R"([/\w.\- ]+)");
    return key.size() <= 250 && std::regex_match(key, allowed) && key.find("..") == std::string::npos &&
           key.find("//") == std::string::npos && key.front() != '/' && key.back() != '/';
  }

  Answer log_batch(const Json& body, std::size_t size) {
    Run* run = run_of(body.at("run_id"));
    if (run == nullptr) return refusal(404, "RESOURCE_DOES_NOT_EXIST", "no run");
    const Json &metrics = body.at("metrics"), &parameters = body.at("params"), &tags = body.at("tags");
    if (size > 1'000'000) return violation("a body of " + std::to_string(size));
    if (metrics.size() > 1000 || parameters.size() > 100 || tags.size() > 100 ||
        metrics.size() + parameters.size() + tags.size() > 1000) {
      return violation("too many entries");
    }
    for (const auto& metric : metrics) {
      if (!is_key(metric.at("key"))) return violation("metric " + metric.at("key").get<std::string>());
      if (!metric.at("value").is_number()) return violation("a value that is no number");
      run->metrics.emplace_back(metric.at("key"), metric.at("value"));
    }
    for (const auto& one : parameters) {
      const std::string key = one.at("key"), value = one.at("value");
      if (!is_key(key)) return violation("parameter " + key);
      // Characters, not bytes; all texts here are longer in bytes.
      if (value.size() > 4 * 6000) return violation("a parameter of " + std::to_string(value.size()));
      const auto [place, is_new] = run->parameters.emplace(key, value);
      if (!is_new && place->second != value) return violation("a parameter was changed");
    }
    for (const auto& tag : tags) run->tags[tag.at("key")] = tag.at("value");
    return {.body = "{}"};
  }

  Answer put(const std::string& escaped, const std::string& body) {
    const std::string rest = unescaped(escaped);
    const auto slash = rest.find('/');
    Run* run = run_of(rest.substr(0, slash));
    const std::string prefix = "artifacts/";
    const std::string name = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (run == nullptr || !name.starts_with(prefix)) return refusal(404, "RESOURCE_DOES_NOT_EXIST", rest);
    if (name.find("..") != std::string::npos || name.find_first_of("%#?\\") != std::string::npos)
      return violation("file " + name);
    run->files[name.substr(prefix.size())] = body;
    return {.body = "{}"};
  }

  Answer list(const std::string& id, const std::string& folder) {
    const Run* run = run_of(id);
    if (run == nullptr) return refusal(404, "RESOURCE_DOES_NOT_EXIST", "no run");
    Json files = Json::array();
    for (const auto& [name, body] : run->files) {
      const auto slash = name.rfind('/');
      if ((slash == std::string::npos ? "" : name.substr(0, slash)) != folder) continue;
      files.push_back({{"path", name}, {"is_dir", false}, {"file_size", body.size()}});
    }
    return {.body = Json{{"files", files}}.dump()};
  }

  std::mutex mutex_;
  std::vector<std::string> experiments_;
  std::vector<Run> runs_;
  std::vector<std::string> violations_;
  std::size_t num_requests_ = 0;
  HttpServer server_;
};

}  // namespace normadd::test
