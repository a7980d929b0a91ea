// SPDX-License-Identifier: Apache-2.0
#include "reporting/run_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint = "Restore the file, or run again: it is written by 'normadd run'.";

/// "2" before "10"; names without digits as they are.
bool natural_less(const std::string& a, const std::string& b) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const auto end_of = [&](const std::string& text, std::size_t from) {
        while (from < text.size() && is_digit(text[from])) ++from;
        return from;
      };
      const std::string number_a = a.substr(i, end_of(a, i) - i), number_b = b.substr(j, end_of(b, j) - j);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
      i += number_a.size();
      j += number_b.size();
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

bool is_run(const fs::path& folder) {
  return fs::is_regular_file(folder / "status.json") && fs::is_regular_file(folder / "config.resolved.yaml");
}

/// Run folders lie at most this deep below the folders that people name: results/runs/DATE/TIME_HASH, and
/// results/sweeps/DATE/TIME_HASH/N.
constexpr int kDeepest = 4;

nlohmann::json read_json(const fs::path& path);

/// A sweep's jobs have no folder until they are done.
std::size_t num_jobs_of(const fs::path& folder) {
  if (!fs::is_regular_file(folder / "sweep.json")) return 0;
  const auto json = read_json(folder / "sweep.json");
  const auto found = json.find("num_jobs");
  return found != json.end() && found->is_number_unsigned() ? found->get<std::size_t>() : 0;
}

struct FoundRuns {
  std::vector<fs::path> folders;
  std::size_t num_without_folder = 0;  // jobs of sweeps
};

void collect_runs(const fs::path& folder, int depth, FoundRuns& found) {
  if (is_run(folder)) {
    found.folders.push_back(folder);
    return;
  }
  const std::size_t num_before = found.folders.size();
  if (depth == kDeepest) return;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    // What begins with a dot is being written, or Hydra's.
    if (entry.is_directory() && !name.starts_with('.')) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), natural_less);
  for (const auto& name : names) collect_runs(folder / name, depth + 1, found);
  const std::size_t num_found = found.folders.size() - num_before, num_jobs = num_jobs_of(folder);
  if (num_jobs > num_found) found.num_without_folder += num_jobs - num_found;
}

nlohmann::json read_json(const fs::path& path) {
  auto json = nlohmann::json::parse(core::read_file(path), nullptr, false);
  if (!json.is_object()) throw core::DataError("this is not a JSON object", path.string(), kHint);
  return json;
}

std::string string_of(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

config::Value read_if_there(const fs::path& path) {
  return fs::is_regular_file(path) ? config::read_yaml(path) : config::Value(config::MapEntries{});
}

std::vector<std::pair<std::string, std::string>> choices_of(const config::Value& hydra) {
  std::vector<std::pair<std::string, std::string>> choices;
  const config::Value* node = hydra.find_path("hydra.runtime.choices");
  if (node == nullptr || !node->is_map()) return choices;
  for (const auto& [group, option] : node->as_map()) {
    choices.emplace_back(group, option.is_string() ? option.as_string() : config::short_text(option));
  }
  return choices;
}

ListedRun read_run(const fs::path& folder) {
  ListedRun run;
  run.folder = folder;
  run.resolved = config::read_yaml(folder / "config.resolved.yaml");
  run.composed = read_if_there(folder / ".hydra" / "config.yaml");
  run.choices = choices_of(read_if_there(folder / ".hydra" / "hydra.yaml"));
  if (fs::is_regular_file(folder / "manifest.json")) {
    const auto manifest = read_json(folder / "manifest.json");
    // The name in tables is too short to tell ten thousand runs apart; older runs have nothing else.
    run.id = string_of(manifest, manifest.contains("identity") ? "identity" : "run");
  }
  return run;
}

FoundRuns folders_below(const std::vector<fs::path>& folders) {
  FoundRuns found;
  for (const auto& folder : folders) {
    if (!fs::is_directory(folder)) {
      throw core::DataError("there is no such folder", folder.string(),
                            "Name runs, sweeps, or folders that hold them, e.g. results/runs.");
    }
    collect_runs(folder, 0, found);
  }
  return found;
}

[[noreturn]] void fail_without_runs(const fs::path& folder, std::size_t num_unfinished, const std::string& state) {
  if (num_unfinished == 1 && is_run(folder)) {
    throw core::DataError(fmt::format("the run is not done but {}", state), folder.string(),
                          "Wait for it, or run it again.");
  }
  if (num_unfinished > 0) {
    throw core::DataError(fmt::format("none of its runs is done ({} are not)", num_unfinished), folder.string(),
                          "Wait for them; 'normadd status' and 'normadd resume' tell of a sweep and continue it.");
  }
  if (fs::exists(folder / "metrics.csv")) {
    const bool has_status = fs::exists(folder / "status.json");
    throw core::DataError(fmt::format("the run has no {}", has_status ? "config.resolved.yaml" : "status.json"),
                          folder.string(), kHint);
  }
  throw core::DataError("there is no run in it", folder.string(),
                        "Name the folder of a run or of a sweep, e.g. results/runs/DATE/TIME_HASH.");
}

}  // namespace

RunListing list_runs(const std::vector<fs::path>& folders, bool keep_repeated) {
  RunListing listing;
  struct Place {
    std::size_t index = 0;
    std::string started;
  };
  std::map<std::string, Place> place_of_id;
  std::set<fs::path> seen;
  const FoundRuns found = folders_below(folders);
  listing.num_unfinished = found.num_without_folder;
  std::string last_state;
  for (const auto& folder : found.folders) {
    if (keep_repeated && !seen.insert(fs::canonical(folder)).second) continue;
    const nlohmann::json status = read_json(folder / "status.json");
    if (string_of(status, "state") != "done") {
      ++listing.num_unfinished;
      last_state = string_of(status, "state");
      if (const auto error = string_of(status, "error"); !error.empty()) last_state += ": " + error;
      continue;
    }
    ListedRun run = read_run(folder);
    const std::string started = string_of(status, "started");
    if (!run.id.empty() && !keep_repeated) {
      const auto [place, is_new] = place_of_id.emplace(run.id, Place{listing.runs.size(), started});
      if (!is_new) {
        ++listing.num_repeated;
        if (started >= place->second.started) {
          listing.runs[place->second.index] = std::move(run);
          place->second.started = started;
        }
        continue;
      }
    }
    listing.runs.push_back(std::move(run));
  }
  if (listing.runs.empty())
    fail_without_runs(folders.empty() ? "" : folders.front(), listing.num_unfinished, last_state);
  return listing;
}

bool holds_results(const fs::path& folder) {
  const fs::path place = folder.empty() ? fs::path(".") : folder;
  for (const char* name : {"metrics.csv", "scores.csv", "status.json", "manifest.json", "sweep.json"}) {
    if (fs::exists(place / name)) return true;
  }
  return false;
}

}  // namespace normadd::reporting
