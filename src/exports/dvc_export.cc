// SPDX-License-Identifier: Apache-2.0
#include "exports/dvc_export.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/utf8.h"
#include "exports/roc_curves.h"
#include "exports/run_facts.h"
#include "exports/run_places.h"
#include "exports/safe_names.h"

namespace normadd::exports {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A defect type may be called like a metric: then the later one of them gets a mark.
void set_nested(Json& node, const std::vector<std::string>& parts, double value) {
  Json* place = &node;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_leaf = i + 1 == parts.size();
    std::string key = core::valid_utf8(parts[i]);
    while (place->contains(key) && (is_leaf || !place->at(key).is_object())) key += '_';
    if (is_leaf) {
      (*place)[key] = value;
    } else {
      place = &(*place)[key];
      if (place->is_null()) *place = Json::object();
    }
  }
}

std::string metrics_json(const RunFacts& facts) {
  Json json = Json::object();
  for (const auto& metric : facts.metrics) set_nested(json, metric.parts, metric.value);
  return json.dump(2) + "\n";
}

config::Value entry(const std::string& key, config::Value value) {
  return config::Value(config::MapEntries{{key, std::move(value)}});
}

void export_run(const reporting::ListedRun& run, const fs::path& folder, bool controls, DvcExport& report) {
  const RunFacts facts = read_run_facts(run, controls);
  const auto curves =
      fs::is_regular_file(run.folder / "scores.csv") ? roc_curves(run.folder / "scores.csv") : std::vector<RocCurve>{};
  std::set<std::string> detectors;
  for (const auto& curve : curves) detectors.insert(curve.detector);
  config::List plots;
  UniqueKeys names;
  for (const auto& curve : curves) {
    std::string name = "roc_";
    if (detectors.size() > 1) name += safe_part(curve.detector, Alphabet::kPlain) + "_";
    name = names.add(name + safe_part(curve.category, Alphabet::kPlain), curve.detector + '\n' + curve.category);
    std::replace(name.begin(), name.end(), ' ', '_');
    const std::string file = fmt::format("plots/{}.csv", name);
    core::write_csv(folder / file, curve.points);
    plots.push_back(entry(file, config::MapEntries{{"x", "fpr"},
                                                   {"y", "tpr"},
                                                   {"x_label", "false positive rate"},
                                                   {"y_label", "true positive rate"},
                                                   {"title", fmt::format("ROC {} {}", cut_text(curve.detector, 80),
                                                                         cut_text(curve.category, 80))}}));
  }
  core::write_file_atomically(folder / "metrics.json", metrics_json(facts));
  core::write_file_atomically(folder / "params.yaml", config::to_yaml(facts.resolved));
  config::MapEntries dvc{{"params", config::List{"params.yaml"}}, {"metrics", config::List{"metrics.json"}}};
  if (!plots.empty()) dvc.emplace_back("plots", std::move(plots));
  // Last: it names the others.
  core::write_file_atomically(folder / "dvc.yaml", config::to_yaml(config::Value(std::move(dvc))));
  report.folders.push_back(folder);
  report.num_values += facts.metrics.size();
  report.num_curves += curves.size();
  report.num_undefined += facts.num_undefined;
}

}  // namespace

DvcExport export_dvc(const reporting::RunListing& listing, const DvcOptions& options) {
  DvcExport report;
  RunPlaces places(options.out.value_or(""));
  for (const auto& set : run_sets(listing)) {
    for (const auto& run : set.runs) {
      export_run(run, options.out ? places.of(set, run) : run.folder, options.controls, report);
    }
  }
  return report;
}

}  // namespace normadd::exports
