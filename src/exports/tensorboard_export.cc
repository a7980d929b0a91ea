// SPDX-License-Identifier: Apache-2.0
#include "exports/tensorboard_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/atomic_file.h"
#include "exports/run_facts.h"
#include "exports/run_places.h"
#include "exports/safe_names.h"
#include "exports/tensorboard_events.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestText = 1000;
constexpr const char* kOurMark = ".normadd.";

HyperparameterValue value_of(const config::Value& value) {
  HyperparameterValue result;
  if (value.is_bool()) {
    result.flag = value.as_bool();
  } else if ((value.is_integer() || value.is_float()) && std::isfinite(value.as_float())) {
    result.number = value.as_float();
  } else {
    result.text = cut_text(parameter_text(value), kLongestText);
  }
  return result;
}

/// What the runs of one log directory have in common.
struct Experiment {
  std::vector<HyperparameterColumn> columns;
  std::vector<std::string> metrics;  // tags of means
  std::int64_t start_s = 0;
  std::map<std::string, std::size_t> place_of_column;

  void add(const std::vector<Hyperparameter>& values, const std::vector<std::string>& means, std::int64_t run_start_s) {
    start_s = columns.empty() ? run_start_s : std::min(start_s, run_start_s);
    for (const auto& one : values) {
      const auto [place, is_new] = place_of_column.emplace(one.name, columns.size());
      if (is_new) columns.push_back({one.name, {}});
      columns[place->second].values.push_back(one.value);
    }
    for (const auto& tag : means) {
      if (std::find(metrics.begin(), metrics.end(), tag) == metrics.end()) metrics.push_back(tag);
    }
  }
};

/// The file is named after the run, so that TensorBoard finds the same name again when it is written anew. Files of
/// ours under other names would show their numbers beside the new ones.
void write_events(const fs::path& folder, std::int64_t start_s, const std::string& id, const EventFile& file) {
  const std::string name = fmt::format("events.out.tfevents.{}{}{}.0", start_s, kOurMark, id.substr(0, 8));
  core::write_file_atomically(folder / name, file.bytes());
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string other = entry.path().filename().string();
    const bool is_ours = other.starts_with("events.out.tfevents.") && other.find(kOurMark) != std::string::npos;
    if (is_ours && other != name && entry.is_regular_file()) fs::remove(entry.path());
  }
}

void add_images(const RunFacts& facts, EventFile& file, UniqueKeys& tags, TensorboardExport& report) {
  std::map<std::string, std::size_t> num_of_category;
  for (const auto& panel : facts.panels) {
    if (num_of_category[panel.category]++ >= kMostImagesPerCategory) continue;
    const std::string tag = tags.add(safe_key({panel.category, panel.added, "panel"}, Alphabet::kUtf8),
                                     panel.category + '\n' + panel.added);
    file.add_image(tag, core::read_file(panel.path), panel.path.string());
    ++report.num_images;
  }
}

void add_run(const RunFacts& facts, const fs::path& folder, Experiment* shared, TensorboardExport& report) {
  EventFile file(static_cast<double>(facts.start_s));
  std::vector<Hyperparameter> values;
  for (const auto& [name, value] : facts.parameters) {
    values.push_back({cut_text(name, kLongestText), value_of(value)});
  }
  UniqueKeys tags;
  std::vector<std::string> means, all;
  for (const auto& metric : facts.metrics) {
    std::string whole;
    for (const auto& part : metric.parts) whole += part + '\n';
    all.push_back(tags.add(safe_key(metric.parts, Alphabet::kUtf8), whole));
    if (metric.is_mean) means.push_back(all.back());
  }
  Experiment own;
  Experiment& experiment = shared != nullptr ? *shared : own;
  experiment.add(values, means, facts.start_s);
  if (shared == nullptr) file.add_experiment(own.columns, own.metrics);
  file.add_session(values, facts.uid, facts.end_s());
  for (std::size_t i = 0; i < all.size(); ++i) file.add_scalar(all[i], facts.metrics[i].value);
  add_images(facts, file, tags, report);
  write_events(folder, facts.start_s, facts.uid, file);
  ++report.num_runs;
  report.num_scalars += all.size();
  report.num_undefined += facts.num_undefined;
}

void write_experiment(const fs::path& folder, const Experiment& experiment) {
  EventFile file(static_cast<double>(experiment.start_s));
  file.add_experiment(experiment.columns, experiment.metrics);
  write_events(folder, experiment.start_s, "experiment", file);
}

}  // namespace

TensorboardExport export_tensorboard(const reporting::RunListing& listing, const TensorboardOptions& options) {
  TensorboardExport report;
  Experiment common;
  RunPlaces places(options.out.value_or(""));
  for (const auto& set : run_sets(listing)) {
    const bool is_single = set.sweep.empty();
    Experiment of_sweep;
    for (const auto& run : set.runs) {
      const fs::path folder = options.out ? places.of(set, run)
                              : is_single ? run.folder / "tb"
                                          : set.sweep / "tb" / run.folder.filename();
      Experiment* shared = options.out ? &common : is_single ? nullptr : &of_sweep;
      add_run(read_run_facts(run, options.controls), folder, shared, report);
      if (shared == nullptr) report.log_directories.push_back(folder);
    }
    if (options.out || is_single) continue;
    write_experiment(set.sweep / "tb", of_sweep);
    report.log_directories.push_back(set.sweep / "tb");
  }
  if (options.out) {
    write_experiment(*options.out, common);
    report.log_directories.push_back(*options.out);
  }
  return report;
}

}  // namespace normadd::exports
