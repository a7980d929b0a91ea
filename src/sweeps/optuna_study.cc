// SPDX-License-Identifier: Apache-2.0
#include "sweeps/optuna_study.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/number_text.h"
#include "core/subprocess.h"

namespace normadd::sweeps {
namespace {

constexpr const char* kHint = "Check the installation: 'optuna --version' and 'optuna ask --help' must work.";

config::Value value_of(const nlohmann::ordered_json& json) {
  if (json.is_boolean()) return config::Value(json.get<bool>());
  if (json.is_number_integer()) return config::Value(json.get<std::int64_t>());
  if (json.is_number()) return config::Value(json.get<double>());
  if (json.is_string()) return config::Value(json.get<std::string>());
  return {};
}

Trial::State state_of(const std::string& name) {
  if (name == "RUNNING") return Trial::State::kRunning;
  if (name == "COMPLETE") return Trial::State::kComplete;
  return name == "FAIL" ? Trial::State::kFailed : Trial::State::kOther;
}

Trial trial_of(const nlohmann::ordered_json& json) {
  Trial trial;
  trial.number = json.at("number").get<int>();
  if (const auto state = json.find("state"); state != json.end()) trial.state = state_of(state->get<std::string>());
  if (const auto value = json.find("value"); value != json.end() && value->is_number())
    trial.value = value->get<double>();
  if (const auto parameters = json.find("params"); parameters != json.end() && parameters->is_object()) {
    for (const auto& [name, parameter] : parameters->items()) trial.parameters.emplace_back(name, value_of(parameter));
  }
  return trial;
}

nlohmann::ordered_json parsed(const std::string& text, const std::string& command) {
  auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw core::OutputError(fmt::format("'optuna {}' does not answer in JSON", command), "optuna", kHint);
  }
  return json;
}

}  // namespace

OptunaStudy::OptunaStudy(Request request) : request_(std::move(request)) {
  core::make_directories(request_.journal.parent_path());
  run("create-study", {"--direction", request_.maximize ? "maximize" : "minimize", "--skip-if-exists"});
}

std::string OptunaStudy::run(const std::string& command, const std::vector<std::string>& arguments) const {
  core::SubprocessRequest process;
  process.command = {request_.program,     command,        "--storage",  request_.journal.string(), "--storage-class",
                     "JournalFileBackend", "--study-name", request_.name};
  process.command.insert(process.command.end(), arguments.begin(), arguments.end());
  process.limit = std::chrono::minutes(2);
  const auto result = core::run_subprocess(process);
  if (!result.found) {
    throw core::ConfigError(fmt::format("the program '{}' is not installed", request_.program), "sweeper",
                            "Install it (pip install optuna), or take sweeper=random or sweeper=grid.");
  }
  if (result.timed_out) {
    throw core::OutputError(fmt::format("'optuna {}' did not answer within two minutes", command),
                            request_.journal.string(), kHint);
  }
  if (!result.ok()) {
    throw core::OutputError(fmt::format("'optuna {}' failed: {}", command, result.words()), request_.journal.string(),
                            kHint);
  }
  return result.output;
}

Trial OptunaStudy::ask(std::size_t number_so_far) const {
  auto arguments = nlohmann::json::parse(request_.sampler_arguments);
  arguments["seed"] = request_.seed + static_cast<std::int64_t>(number_so_far);
  const std::string output = run("ask", {"--sampler", request_.sampler, "--sampler-kwargs", arguments.dump(),
                                         "--search-space", request_.search_space, "--format", "json"});
  return trial_of(parsed(output, "ask"));
}

void OptunaStudy::tell(int trial, double value) const {
  run("tell", {"--trial-number", std::to_string(trial),  // Negative numbers would read as flags without '='.
               fmt::format("--values={}", core::shortest_text(value)), "--state", "complete", "--skip-if-finished"});
}

void OptunaStudy::tell_failed(int trial) const {
  run("tell", {"--trial-number", std::to_string(trial), "--state", "fail", "--skip-if-finished"});
}

std::vector<Trial> OptunaStudy::trials() const {
  const std::string output = run("trials", {"--format", "json"});
  if (output.find_first_not_of(" \n\t") == std::string::npos) return {};
  std::vector<Trial> trials;
  for (const auto& json : parsed(output, "trials")) trials.push_back(trial_of(json));
  return trials;
}

}  // namespace normadd::sweeps
