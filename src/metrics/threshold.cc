// SPDX-License-Identifier: Apache-2.0
#include "metrics/threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.h"
#include "metrics/roc.h"

namespace normadd::metrics {
namespace {

double ratio(std::size_t part, std::size_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double f1_adaptive_threshold(std::span<const double> scores, std::span<const std::uint8_t> labels,
                             const std::string& set) {
  const auto points = operating_points(scores, labels);
  if (points.empty()) {
    const bool has_anomalous = std::any_of(labels.begin(), labels.end(), [](auto label) { return label != 0; });
    throw core::DataError(
        fmt::format("no F1 threshold follows from scores without {} images", has_anomalous ? "normal" : "anomalous"),
        set, "Use a validation set with both, a quantile of the training scores, or a threshold of your own.");
  }
  double best = -1, threshold = 0;
  for (const auto& point : points) {
    const double sum = point.precision + point.true_positive_rate;
    const double f1 = sum > 0 ? 2 * point.precision * point.true_positive_rate / sum : 0;
    // The points come from the strictest to the loosest; rounding must not decide between equals.
    if (f1 >= best - 1e-12) threshold = point.threshold;
    best = std::max(best, f1);
  }
  return threshold;
}

double quantile_threshold(std::span<const double> normal_scores, double q, const std::string& set) {
  if (!(q >= 0 && q <= 1)) {
    throw core::ConfigError(fmt::format("{} is no quantile", q), set, "Give a share from 0 to 1, e.g. 0.99.");
  }
  if (normal_scores.empty()) {
    throw core::DataError("no threshold follows from no scores", set, "It needs the scores of normal images.");
  }
  std::vector<double> sorted(normal_scores.begin(), normal_scores.end());
  for (const double score : sorted) {
    if (!std::isfinite(score)) throw core::DataError("a score is not a finite number", set, "");
  }
  std::sort(sorted.begin(), sorted.end());
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double Decisions::accuracy() const {
  return ratio(true_positives + true_negatives, true_positives + true_negatives + false_positives + false_negatives);
}
double Decisions::precision() const { return ratio(true_positives, true_positives + false_positives); }
double Decisions::recall() const { return ratio(true_positives, true_positives + false_negatives); }
double Decisions::f1() const {
  // 0, not undefined, when anomalous images exist and none is found.
  return true_positives + false_negatives > 0
             ? ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives)
             : std::numeric_limits<double>::quiet_NaN();
}
double Decisions::false_positive_rate() const { return ratio(false_positives, false_positives + true_negatives); }

Decisions decide(std::span<const double> scores, std::span<const std::uint8_t> labels, double threshold) {
  if (scores.size() != labels.size()) throw core::DataError("scores and labels differ in number", "", "");
  Decisions counts;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool called = scores[i] >= threshold;
    ++(labels[i] != 0 ? (called ? counts.true_positives : counts.false_negatives)
                      : (called ? counts.false_positives : counts.true_negatives));
  }
  return counts;
}

}  // namespace normadd::metrics
