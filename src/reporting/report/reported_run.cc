// SPDX-License-Identifier: Apache-2.0
#include "reporting/report/reported_run.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "reporting/intervals.h"

namespace normadd::reporting {
namespace {

namespace fs = std::filesystem;

/// The pairs of all cells, once each, in the order of the file.
std::vector<std::pair<std::string, std::string>> pairs_of(const RunMetrics& run) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& cell : run.cells) {
    for (const auto& pair : cell.pairs) {
      if (known.emplace(pair.category, pair.added).second) pairs.emplace_back(pair.category, pair.added);
    }
  }
  return pairs;
}

std::vector<ReportedPanel> panels_of(const fs::path& images, const RunMetrics& run) {
  std::vector<ReportedPanel> panels;
  for (const auto& [category, added] : pairs_of(run)) {
    ReportedPanel panel{category, added, {}, false, {}};
    panel.has_record = read_panel(images, category, added, panel.record);
    panel.picture = panel.has_record ? panel.record.picture : panel_name(category, added) + ".png";
    if (fs::is_regular_file(images / panel.picture)) panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace

std::string ReportedRun::setting(const std::string& key) const {
  const config::Value* value = listed->resolved.find_path(key);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? value->as_string() : config::short_text(*value);
}

std::vector<const CellNumbers*> ReportedRun::leading_cells() const {
  std::vector<const CellNumbers*> cells;
  for (const auto& cell : metrics.cells) {
    const auto is_of_it = [&](const CellNumbers* other) { return other->detector == cell.detector; };
    if (!cell.is_control() && std::none_of(cells.begin(), cells.end(), is_of_it)) cells.push_back(&cell);
  }
  return cells;
}

ReportedRun read_reported_run(const ListedRun& listed) {
  ReportedRun run;
  run.listed = &listed;
  run.metrics = read_run_metrics(listed.folder / "metrics.csv");
  run.name = run.metrics.run.empty() ? listed.folder.filename().string() : run.metrics.run;
  const fs::path images = listed.folder / "images";
  run.panels = panels_of(images, run.metrics);
  if (fs::is_regular_file(listed.folder / "scores.csv")) {
    const RunScores scores = read_run_scores(listed.folder / "scores.csv");
    add_intervals(run.metrics, gain_intervals(scores));
    run.errors = worst_errors(scores);
  }
  for (const auto& one : read_thumbnails(images)) {
    if (fs::is_regular_file(images / one.picture)) run.thumbnails[{one.category, one.image}] = one.picture;
  }
  return run;
}

}  // namespace normadd::reporting
