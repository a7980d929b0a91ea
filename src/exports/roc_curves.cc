// SPDX-License-Identifier: Apache-2.0
#include "exports/roc_curves.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/number_text.h"
#include "metrics/roc.h"

namespace normadd::exports {
namespace {

struct Scores {
  std::string detector, category;
  std::set<std::string> images;
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
};

double score_of(const std::string& text, const std::string& where) {
  double score = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(score)) {
    throw core::DataError(fmt::format("'{}' is no score", text), where,
                          "Run again, or restore the file: it is written by 'normadd run'.");
  }
  return score;
}

/// Each image once, though it stands there for every pair and cell.
std::vector<Scores> original_scores(const std::filesystem::path& scores_csv) {
  const core::CsvTable table = core::read_csv(scores_csv);
  const auto detector = table.column("detector"), category = table.column("category"), image = table.column("image"),
             label = table.column("label_original"), score = table.column("score_before");
  std::vector<Scores> all;
  std::map<std::pair<std::string, std::string>, std::size_t> place_of;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    const auto [place, is_new] = place_of.emplace(std::pair{row[detector], row[category]}, all.size());
    if (is_new) all.push_back({row[detector], row[category], {}, {}, {}});
    Scores& scores = all[place->second];
    if (!scores.images.insert(row[image]).second) continue;
    const std::string where = fmt::format("{}:{}", scores_csv.string(), table.lines[r]);
    if (row[label] != "0" && row[label] != "1") {
      throw core::DataError(fmt::format("the label '{}' is neither 0 nor 1", row[label]), where,
                            "Run again, or restore the file: it is written by 'normadd run'.");
    }
    scores.scores.push_back(score_of(row[score], where));
    scores.labels.push_back(row[label] == "1" ? 1 : 0);
  }
  return all;
}

}  // namespace

std::vector<RocCurve> roc_curves(const std::filesystem::path& scores_csv) {
  std::vector<RocCurve> curves;
  for (const auto& one : original_scores(scores_csv)) {
    const auto points = metrics::operating_points(one.scores, one.labels);
    if (points.empty()) continue;
    RocCurve curve{one.detector, one.category, {{"fpr", "tpr", "threshold"}, {{"0", "0", ""}}}};
    for (const auto& point : points) {
      curve.points.rows.push_back({core::shortest_text(point.false_positive_rate),
                                   core::shortest_text(point.true_positive_rate),
                                   core::shortest_text(point.threshold)});
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace normadd::exports
