// SPDX-License-Identifier: Apache-2.0
#include "exports/run_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "core/number_text.h"
#include "reporting/means.h"
#include "reporting/run_metrics.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kHint = "Run again, or restore the file: it is written by 'normadd run'.";

json read_object(const fs::path& path) {
  json object = json::parse(core::read_file(path), nullptr, false);
  if (!object.is_object()) throw core::DataError("this is not a JSON object", path.string(), kHint);
  return object;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

void add_parameters(const config::Value& node, const std::string& name,
                    std::vector<std::pair<std::string, config::Value>>& parameters) {
  if (!node.is_map()) {
    parameters.emplace_back(name, node);
    return;
  }
  for (const auto& [key, child] : node.as_map()) {
    add_parameters(child, name.empty() ? key : fmt::format("{}.{}", name, key), parameters);
  }
}

/// "mean" is ours; a category of that name is kept apart.
std::string category_part(const std::string& category) { return category == "mean" ? "mean (category)" : category; }

/// Turns the cells of metrics.csv into named numbers.
class MetricNames {
 public:
  MetricNames(const reporting::RunMetrics& run, RunFacts& facts) : facts_(facts) {
    std::set<std::string> detectors, prompts, fusions;
    for (const auto& original : run.originals) detectors.insert(original.detector);
    for (const auto& cell : run.cells) {
      detectors.insert(cell.detector);
      if (!cell.is_control()) prompts.insert(cell.prompts);
      if (!cell.is_control()) fusions.insert(cell.fusion);
    }
    several_detectors_ = detectors.size() > 1;
    several_prompts_ = prompts.size() > 1;
    several_fusions_ = fusions.size() > 1;
  }

  void add(const reporting::DetectorNumbers& original) {
    add_group(start(original.detector), original.categories, false);
  }

  void add(const reporting::CellNumbers& cell) {
    auto parts = start(cell.detector);
    if (cell.is_control()) {
      parts.push_back(cell.fusion);
      if (!cell.prompts.empty() && several_prompts_) parts.push_back(cell.prompts);
    } else {
      if (several_prompts_) parts.push_back(cell.prompts);
      if (several_fusions_) parts.push_back(cell.fusion);
    }
    add_group(parts, cell.pairs, true);
  }

 private:
  std::vector<std::string> start(const std::string& detector) const {
    return several_detectors_ ? std::vector<std::string>{detector} : std::vector<std::string>{};
  }

  void add_group(const std::vector<std::string>& start, const std::vector<reporting::CategoryNumbers>& rows,
                 bool are_pairs) {
    std::set<std::string> names;
    for (const auto& row : rows) {
      for (const auto& [metric, value] : row.values) {
        // Carried over for tables; it stands among the originals already.
        if (are_pairs && metric.ends_with("_original")) continue;
        names.insert(metric);
      }
    }
    for (const auto& metric : names) {
      auto parts = start;
      parts.insert(parts.end(), {"mean", metric});
      add_value(std::move(parts), reporting::pair_mean(rows, metric), true);
    }
    for (const auto& row : rows) {
      for (const auto& [metric, value] : row.values) {
        if (!names.contains(metric)) continue;
        auto parts = start;
        parts.push_back(category_part(row.category));
        if (are_pairs) parts.push_back(row.added);
        parts.push_back(metric);
        add_value(std::move(parts), value, false);
      }
    }
  }

  void add_value(std::vector<std::string> parts, double value, bool is_mean) {
    if (std::isfinite(value)) {
      facts_.metrics.push_back({std::move(parts), value, is_mean});
    } else {
      ++facts_.num_undefined;
    }
  }

  RunFacts& facts_;
  bool several_detectors_ = false, several_prompts_ = false, several_fusions_ = false;
};

void find_panels(const reporting::RunMetrics& run, RunFacts& facts) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& cell : run.cells) {
    for (const auto& pair : cell.pairs) {
      if (!seen.emplace(pair.category, pair.added).second) continue;
      const fs::path folder = facts.folder / "images";
      const fs::path path = folder / fmt::format("{}_{}.png", pair.category, pair.added);
      // Names come from data: nothing outside the folder is taken.
      if (path.lexically_normal().parent_path() != folder.lexically_normal()) continue;
      if (fs::is_regular_file(path)) facts.panels.push_back({pair.category, pair.added, path});
    }
  }
}

std::string string_at(const config::Value& node, const std::string& path) {
  const config::Value* found = node.find_path(path);
  return found != nullptr && found->is_string() ? found->as_string() : "";
}

}  // namespace

std::string parameter_text(const config::Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.as_integer());
  if (value.is_float()) return core::shortest_text(value.as_float());
  if (value.is_string()) return value.as_string();
  std::vector<std::string> parts;
  if (value.is_list()) {
    for (const auto& element : value.as_list()) parts.push_back(parameter_text(element));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  for (const auto& [key, child] : value.as_map()) parts.push_back(fmt::format("{}: {}", key, parameter_text(child)));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::int64_t seconds_of_time(const std::string& text, const std::string& where) {
  std::tm time{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  long offset_s = 0;
  bool is_good = end != nullptr;
  if (is_good && (*end == '+' || *end == '-')) {
    int hours = 0, minutes = 0;
    is_good = std::sscanf(end + 1, "%2d%2d", &hours, &minutes) == 2;
    offset_s = (*end == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
  }
  if (!is_good) throw core::DataError(fmt::format("'{}' is no time", text), where, kHint);
  return static_cast<std::int64_t>(::timegm(&time)) - offset_s;
}

RunFacts read_run_facts(const reporting::ListedRun& run, bool controls) {
  RunFacts facts;
  facts.folder = run.folder;
  facts.resolved = run.resolved;
  const fs::path status_file = run.folder / "status.json";
  const json status = read_object(status_file);
  facts.start_s = seconds_of_time(text_of(status, "started"), status_file.string());
  if (status.contains("seconds") && status.at("seconds").is_number())
    facts.seconds = status.at("seconds").get<double>();
  const fs::path manifest_file = run.folder / "manifest.json";
  const json manifest = fs::is_regular_file(manifest_file) ? read_object(manifest_file) : json::object();
  facts.git_commit = text_of(manifest, "git_commit");
  facts.program_version = text_of(manifest, "program_version");
  facts.data_hash = text_of(manifest, "data_hash");
  const reporting::RunMetrics metrics = reporting::read_run_metrics(run.folder / "metrics.csv");
  facts.uid = core::xxh128_hex(fmt::format("{}\n{}\n{}\n{}\n{}", run.id, text_of(status, "started"),
                                           text_of(status, "host"), text_of(status, "process"), metrics.run));
  facts.name = fmt::format("{} {} {}", string_at(run.resolved, "detector.name"),
                           string_at(run.resolved, "dataset.name"), metrics.run);
  add_parameters(run.resolved, "", facts.parameters);
  MetricNames names(metrics, facts);
  for (const auto& original : metrics.originals) names.add(original);
  for (const auto& cell : metrics.cells) {
    if (controls || !cell.is_control()) names.add(cell);
  }
  find_panels(metrics, facts);
  return facts;
}

std::vector<RunSet> run_sets(const reporting::RunListing& listing) {
  std::vector<RunSet> sets;
  for (const auto& run : listing.runs) {
    const fs::path parent = fs::absolute(run.folder).lexically_normal().parent_path();
    const fs::path sweep = fs::is_regular_file(parent / "sweep.json") ? parent : fs::path();
    const auto found =
        std::find_if(sets.begin(), sets.end(), [&](const RunSet& set) { return !sweep.empty() && set.sweep == sweep; });
    if (found != sets.end()) {
      found->runs.push_back(run);
    } else {
      sets.push_back({sweep, {run}});
    }
  }
  return sets;
}

}  // namespace normadd::exports
