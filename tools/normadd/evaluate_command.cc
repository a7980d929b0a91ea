// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "core/log.h"
#include "core/nearest_name.h"
#include "core/number_text.h"
#include "core/progress.h"
#include "datasets/normality_addition.h"
#include "experiment/dataset_readers.h"
#include "experiment/evaluation_tables.h"
#include "experiment/map_evaluation.h"
#include "experiment/map_files.h"
#include "experiment/threshold_rule.h"
#include "normadd/command_line.h"
#include "normadd/commands.h"
#include "normadd/external_maps.h"
#include "normadd/home.h"
#include "reporting/table.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using experiment::MapEvaluation;

cxxopts::Options evaluate_options() {
  cxxopts::Options options("normadd evaluate", "Scores anomaly maps, whichever tool made them.");
  options.custom_help("--maps FOLDER [flags]");
  options.positional_help("[dataset=NAME dataset.root=PATH ...]");
  // clang-format off
  options.add_options()
      ("maps", "folder of the maps: CATEGORY/test/TYPE/STEM.tiff (or .tif, .npy, .png)", cxxopts::value<std::string>())
      ("name", "whose maps they are, in tables; default: the folder's name", cxxopts::value<std::string>())
      ("scores", "CSV with the tool's own image scores: columns image (as in scores.csv), score", cxxopts::value<std::string>())
      ("scale", "what 1 means in maps of whole numbers (PNG): value = scale x pixel + offset", cxxopts::value<double>())
      ("offset", "see --scale", cxxopts::value<double>()->default_value("0"))
      ("resize", "the tool resized images to this many pixels before its crop; default: maps cover the whole image", cxxopts::value<int>())
      ("crop", "the tool's centre crop in pixels, 0 = none", cxxopts::value<int>()->default_value("0"))
      ("resize-mode", "shorter_side or squash", cxxopts::value<std::string>()->default_value("shorter_side"))
      ("resolution", "compare pixels on the grid of the map or of the image", cxxopts::value<std::string>())
      ("aupro", "exact, official, cflow, anomalib or none", cxxopts::value<std::string>())
      ("limit", "false positive rate up to which AUPRO goes; default 0.3", cxxopts::value<std::string>())
      ("no-pixel", "image metrics only")
      ("anomalous-only", "pixel metrics also without the good images' pixels")
      ("per-type", "every metric also for each defect type against good")
      ("added", "metrics on the new labels, where this defect type counts as normal; repeat for more", cxxopts::value<std::vector<std::string>>())
      ("pairs", "the same for every defect type in turn")
      ("threshold", "manual:NUMBER, train_quantile:SHARE, f1:VALIDATION.csv or f1:test: image decisions too", cxxopts::value<std::string>())
      ("tune-on-test", "allow a threshold that is chosen on the test set; it is marked")
      ("out", "folder for metrics.csv, scores.csv and thresholds.csv", cxxopts::value<std::string>())
      ("json", "machine-readable output, unrounded")
      ("q,quiet", "only warnings and the result")
      ("h,help", "this text")
      ("overrides", "dataset=NAME, dataset.KEY=VALUE, metrics.KEY=VALUE", cxxopts::value<std::vector<std::string>>());
  // clang-format on
  options.parse_positional({"overrides"});
  return options;
}

/// Flags that are keys of the configuration in short.
std::vector<std::string> overrides_of(const cxxopts::ParseResult& flags) {
  std::vector<std::string> overrides = repeated_flag(flags, "overrides");
  for (const auto& text : overrides) {
    const std::string key = text.substr(std::min(text.find_first_not_of("+~"), text.size()));
    if (key.rfind("dataset", 0) != 0 && key.rfind("metrics", 0) != 0) {
      throw core::ConfigError(fmt::format("'{}' has no meaning here", text), "",
                              "Only dataset and metrics can be set: the maps are there already.");
    }
  }
  for (const char* flag : {"aupro", "resolution"}) {
    if (flags.count(flag) > 0) overrides.push_back(fmt::format("metrics.{}={}", flag, flags[flag].as<std::string>()));
  }
  if (flags.count("limit") > 0) overrides.push_back("metrics.aupro_limit=" + flags["limit"].as<std::string>());
  if (flags.count("no-pixel") > 0) overrides.emplace_back("metrics.pixel=false");
  if (flags.count("anomalous-only") > 0) overrides.emplace_back("metrics.anomalous_only=true");
  if (flags.count("per-type") > 0) overrides.emplace_back("metrics.per_type=true");
  return overrides;
}

void check_added_types(const datasets::Dataset& dataset, const std::vector<std::string>& named) {
  std::vector<std::string> known;
  for (const auto& category : dataset.categories) {
    for (const auto& pair : datasets::pairs_of(category)) known.push_back(pair.added);
  }
  for (const auto& type : named) {
    if (std::find(known.begin(), known.end(), type) != known.end()) continue;
    throw core::ConfigError(fmt::format("no category has a pair with the defect type '{}'", type), "--added",
                            core::did_you_mean(type, known));
  }
}

nlohmann::ordered_json json_number(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json::parse(text);
}
nlohmann::ordered_json json_number(double value) {
  return std::isnan(value) ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(value);
}

struct Results {
  experiment::MetricsTable metrics;
  experiment::ScoresTable scores;
  std::vector<experiment::CategoryThreshold> thresholds;
};

nlohmann::ordered_json json_of(const Results& results) {
  nlohmann::ordered_json json;
  json["metrics"] = nlohmann::ordered_json::array();
  json["macro_means"] = nlohmann::ordered_json::object();
  const core::CsvTable& table = results.metrics.table();
  for (const auto& row : table.rows) {
    const std::string& metric = row[table.column("metric")];
    const std::string& added = row[table.column("added")];
    json["metrics"].push_back(
        {{"category", row[table.column("category")]},
         {"added", added.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(added)},
         {"metric", metric},
         {"value", json_number(row[table.column("value")])},
         {"n_normal", json_number(row[table.column("n_normal")])},
         {"n_anomalous", json_number(row[table.column("n_anomalous")])}});
    if (!added.empty() || metric.find('/') != std::string::npos) continue;
    if (!json["macro_means"].contains(metric))
      json["macro_means"][metric] = json_number(experiment::macro_mean(table, metric));
  }
  json["thresholds"] = nlohmann::ordered_json::array();
  for (const auto& [category, threshold] : results.thresholds) {
    json["thresholds"].push_back({{"category", category},
                                  {"threshold", threshold.value},
                                  {"origin", threshold.origin},
                                  {"tuned_on_test", threshold.tuned_on_test}});
  }
  return json;
}

core::CsvTable threshold_csv(const std::vector<experiment::CategoryThreshold>& thresholds) {
  core::CsvTable table;
  table.columns = {"category", "threshold", "origin", "tuned_on_test"};
  for (const auto& [category, threshold] : thresholds) {
    table.rows.push_back(
        {category, core::shortest_text(threshold.value), threshold.origin, threshold.tuned_on_test ? "1" : "0"});
  }
  return table;
}

/// What is evaluated beside the original labels.
struct Request {
  std::vector<std::string> added;
  bool all_pairs = false;
  std::optional<experiment::ThresholdRule> threshold;
  bool tune_on_test = false;
};

Request request_of(const cxxopts::ParseResult& flags) {
  Request request;
  request.added = repeated_flag(flags, "added");
  request.all_pairs = flags.count("pairs") > 0;
  request.tune_on_test = flags.count("tune-on-test") > 0;
  if (flags.count("threshold") > 0) {
    request.threshold = experiment::parse_threshold_rule(flags["threshold"].as<std::string>(), request.tune_on_test);
  }
  return request;
}

/// Types whose addition is evaluated in a category.
std::vector<std::string> added_types(const datasets::Category& category, const Request& request) {
  std::vector<std::string> types;
  for (const auto& pair : datasets::pairs_of(category)) {
    const bool named = std::find(request.added.begin(), request.added.end(), pair.added) != request.added.end();
    if (request.all_pairs || named) types.push_back(pair.added);
  }
  return types;
}

void evaluate(const datasets::Category& category, const std::map<std::string, fs::path>& files, const MapSource& source,
              const experiment::MetricsOptions& options, const Request& request, Results& results) {
  MapEvaluation evaluation(category.name, options);
  add_maps(category, files, source, options, evaluation);
  evaluation.add_original_metrics(results.metrics);
  evaluation.add_scores({category.name, "", "", ""}, results.scores);
  for (const auto& type : added_types(category, request)) {
    const experiment::Cell cell{category.name, type, "", ""};
    evaluation.add_new_label_metrics(cell, "before", results.metrics);
    evaluation.add_scores(cell, results.scores);
  }
  if (!request.threshold) return;
  const auto threshold = experiment::threshold_for(
      *request.threshold, evaluation, [&] { return train_maxima(category, source); }, request.tune_on_test);
  evaluation.add_threshold_metrics(threshold, results.metrics);
  results.thresholds.push_back({category.name, threshold});
}

void print(const Results& results, const std::string& name, const MapSource& source,
           const experiment::MetricsOptions& options) {
  for (auto table : experiment::evaluation_tables(results.metrics.table(), name, results.thresholds)) {
    table.notes.push_back(fmt::format("Maps {}, compared on the grid of the {}, normadd {}.", source.folder.string(),
                                      options.resolution, NORMADD_VERSION));
    fmt::print("{}\n", reporting::terminal_text(table, ::isatty(STDOUT_FILENO) != 0));
  }
}

}  // namespace

int evaluate_command(const Arguments& arguments) {
  auto options = evaluate_options();
  const auto flags = parse_flags(options, arguments);
  if (flags.count("help") > 0) {
    fmt::print("{}", options.help());
    return 0;
  }
  const bool json = flags.count("json") > 0;
  core::set_quiet(flags.count("quiet") > 0);
  if (flags.count("quiet") > 0) core::Progress::set_enabled(false);

  const MapSource source = map_source_of(flags);
  const Request request = request_of(flags);
  const config::Value config =
      config::resolve(config::compose({{home() / "configs"}, "config", overrides_of(flags)}).config);
  const auto metrics = config::read_options<experiment::MetricsOptions>(*config.find("metrics"), "metrics");
  const datasets::Dataset dataset = experiment::read_dataset(*config.find("dataset"));
  check_added_types(dataset, request.added);
  // All that could stop the work is looked at before it begins.
  std::vector<std::map<std::string, fs::path>> files;
  for (const auto& category : dataset.categories) {
    files.push_back(experiment::find_map_files(source.folder, category.test, category.name + " test"));
    check_native_scores(source, category);
  }
  const std::string out = flags.count("out") > 0 ? flags["out"].as<std::string>() : "";
  if (!out.empty()) core::make_directories(out);

  const std::string name = flags.count("name") > 0 ? flags["name"].as<std::string>()
                                                   : fs::weakly_canonical(source.folder).filename().string();
  const experiment::RunColumns columns{"evaluate", name, dataset.name, "", ""};
  Results results{experiment::MetricsTable(columns), experiment::ScoresTable(columns), {}};
  for (std::size_t c = 0; c < dataset.categories.size(); ++c) {
    evaluate(dataset.categories[c], files[c], source, metrics, request, results);
  }
  if (!out.empty()) {
    core::write_csv(fs::path(out) / "metrics.csv", results.metrics.table());
    core::write_csv(fs::path(out) / "scores.csv", results.scores.table());
    if (request.threshold) core::write_csv(fs::path(out) / "thresholds.csv", threshold_csv(results.thresholds));
  }
  if (json) {
    nlohmann::ordered_json document = json_of(results);
    document["maps"] = source.folder.string();
    document["name"] = name;
    document["dataset"] = dataset.name;
    document["aupro"] = {{"variant", metrics.aupro}, {"limit", metrics.aupro_limit}};
    document["resolution"] = metrics.resolution;
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print(results, name, source, metrics);
    if (!out.empty()) fmt::print("Wrote metrics.csv and scores.csv to {}\n", out);
  }
  return 0;
}

}  // namespace normadd::tools
