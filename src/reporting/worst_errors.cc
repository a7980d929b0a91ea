// SPDX-License-Identifier: Apache-2.0
#include "reporting/worst_errors.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "reporting/run_metrics.h"

namespace normadd::reporting {
namespace {

struct ScoredImage {
  ScoreError row;
  bool is_anomalous = false;
};

using PairImages = std::vector<ScoredImage>;

PairImages images_of(const PairScores& pair, const CategoryImages& category) {
  PairImages images;
  for (std::size_t i = 0; i < pair.after.size(); ++i) {
    ScoredImage image;
    image.row.category = pair.category;
    image.row.added = pair.added;
    image.row.image = category.images[i];
    image.row.type = category.types[i];
    image.row.score_before = pair.before[i];
    image.row.score_after = pair.after[i];
    image.is_anomalous = pair.is_anomalous[i] != 0;
    images.push_back(std::move(image));
  }
  return images;
}

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

std::vector<DetectorErrors> worst_errors(const RunScores& scores) {
  std::vector<DetectorErrors> detectors;
  std::set<std::string> known;
  for (const auto& cell : scores.cells) {
    if (CellNumbers{cell.detector, cell.prompts, cell.fusion, {}, {}, {}}.is_control()) continue;
    if (!known.insert(cell.detector).second) continue;
    DetectorErrors errors{cell.detector, cell.prompts, cell.fusion, {}, {}};
    for (const auto& pair : cell.pairs) {
      PairImages images = images_of(pair, scores.categories.at(pair.category));
      if (!measure(images)) continue;
      for (auto& image : images) {
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
