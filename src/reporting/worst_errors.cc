// SPDX-License-Identifier: Apache-2.0
#include "reporting/worst_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "reporting/run_metrics.h"

namespace normadd::reporting {
namespace {

struct ScoredImage {
  ScoreError row;
  bool is_anomalous = false;
};

/// The images of one pair, in the order of the file.
using PairImages = std::vector<ScoredImage>;

struct DetectorScores {
  DetectorErrors cell;
  std::vector<PairImages> pairs;
  std::map<std::pair<std::string, std::string>, std::size_t> place;  // (category, added)
};

class ScoresFile {
 public:
  explicit ScoresFile(const std::filesystem::path& path) : path_(path), table_(core::read_csv(path)) {
    for (const char* name : {"detector", "prompts", "fusion", "category", "added", "image", "type", "label_new",
                             "score_before", "score_after"}) {
      if (std::find(table_.columns.begin(), table_.columns.end(), name) == table_.columns.end()) {
        throw core::DataError(fmt::format("there is no column '{}'", name), path.string(),
                              "The file must be as 'normadd run' wrote it.");
      }
      columns_.push_back(table_.column(name));
    }
  }

  std::vector<DetectorScores> leading_cells() const {
    std::vector<DetectorScores> detectors;
    std::map<std::string, std::size_t> place;
    for (std::size_t r = 0; r < table_.rows.size(); ++r) {
      const auto& cell = [&](std::size_t column) -> const std::string& { return table_.rows[r][columns_[column]]; };
      const auto found = place.find(cell(0));
      if (found == place.end()) {
        if (CellNumbers{cell(0), cell(1), cell(2), {}, {}, {}}.is_control()) continue;
        place.emplace(cell(0), detectors.size());
        detectors.push_back({{cell(0), cell(1), cell(2), {}, {}}, {}, {}});
        add(r, detectors.back());
      } else if (auto& known = detectors[found->second]; known.cell.prompts == cell(1) && known.cell.fusion == cell(2)) {
        add(r, known);
      }
    }
    return detectors;
  }

 private:
  std::string place_of(std::size_t row) const { return fmt::format("{}:{}", path_.string(), table_.lines.at(row)); }

  double number(std::size_t row, std::size_t column) const {
    const std::string& text = table_.rows[row][columns_[column]];
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      throw core::DataError(fmt::format("'{}' is no finite number", text), place_of(row),
                            "The file must be as 'normadd run' wrote it.");
    }
    return value;
  }

  void add(std::size_t r, DetectorScores& detector) const {
    const auto& row = table_.rows[r];
    const std::string& label = row[columns_[7]];
    if (label != "0" && label != "1") {
      throw core::DataError(fmt::format("label_new is '{}', neither 0 nor 1", label), place_of(r),
                            "The file must be as 'normadd run' wrote it.");
    }
    ScoredImage image;
    image.row.category = row[columns_[3]];
    image.row.added = row[columns_[4]];
    image.row.image = row[columns_[5]];
    image.row.type = row[columns_[6]];
    image.row.score_before = number(r, 8);
    image.row.score_after = number(r, 9);
    image.is_anomalous = label == "1";
    const auto [place, is_new] =
        detector.place.emplace(std::pair(image.row.category, image.row.added), detector.pairs.size());
    if (is_new) detector.pairs.emplace_back();
    detector.pairs[place->second].push_back(std::move(image));
  }

  std::filesystem::path path_;
  core::CsvTable table_;
  std::vector<std::size_t> columns_;
};

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation_of(const PairImages& pair) {
  std::vector<double> scores;
  for (const auto& image : pair) scores.push_back(image.row.score_after);
  const double mean = mean_of(scores);
  double sum = 0;
  for (const double score : scores) sum += (score - mean) * (score - mean);
  return std::sqrt(sum / static_cast<double>(scores.size()));
}

/// Share of the sorted values below the score, ties counting half.
double share_below(const std::vector<double>& sorted, double score) {
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), score);
  return (static_cast<double>(first - sorted.begin()) + 0.5 * static_cast<double>(last - first)) /
         static_cast<double>(sorted.size());
}

/// Gives every image of the pair its error and margin; none where a label is missing.
bool measure(PairImages& pair) {
  std::vector<double> scores[2];
  for (const auto& image : pair) scores[image.is_anomalous ? 1 : 0].push_back(image.row.score_after);
  if (scores[0].empty() || scores[1].empty()) return false;
  for (auto& one : scores) std::sort(one.begin(), one.end());
  const double means[2] = {mean_of(scores[0]), mean_of(scores[1])};
  const double deviation = deviation_of(pair);
  for (auto& image : pair) {
    const std::size_t other = image.is_anomalous ? 0 : 1;
    const double below = share_below(scores[other], image.row.score_after);
    image.row.error = image.is_anomalous ? 1.0 - below : below;
    const double beyond = image.row.score_after - means[other];
    if (deviation > 0) image.row.margin = (image.is_anomalous ? -beyond : beyond) / deviation;
  }
  return true;
}

void keep_worst(std::vector<ScoreError>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const ScoreError& a, const ScoreError& b) {
    return std::pair(a.error, a.margin) > std::pair(b.error, b.margin);
  });
  std::set<std::string> seen;
  std::erase_if(errors, [&](const ScoreError& error) { return !seen.insert(error.image).second; });
  if (errors.size() > kMostErrors) errors.resize(kMostErrors);
}

}  // namespace

std::vector<DetectorErrors> worst_errors(const std::filesystem::path& scores_csv) {
  std::vector<DetectorErrors> detectors;
  for (auto& scores : ScoresFile(scores_csv).leading_cells()) {
    DetectorErrors errors = std::move(scores.cell);
    for (auto& pair : scores.pairs) {
      if (!measure(pair)) continue;
      for (auto& image : pair) {
        if (image.row.error <= 0) continue;
        (image.is_anomalous ? errors.false_accepts : errors.false_rejects).push_back(std::move(image.row));
      }
    }
    keep_worst(errors.false_accepts);
    keep_worst(errors.false_rejects);
    detectors.push_back(std::move(errors));
  }
  return detectors;
}

}  // namespace normadd::reporting
