// SPDX-License-Identifier: Apache-2.0
#include "metrics/roc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace normadd::metrics {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

void check(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  if (scores.size() != labels.size()) throw core::DataError("scores and labels differ in number", "", "");
  for (const double score : scores) {
    if (!std::isfinite(score))
      throw core::DataError("a score is not a finite number", "", "Look at the maps it came from.");
  }
}

struct Tally {
  double positives = 0, negatives = 0;
};

/// Calls visit(threshold, true positives, false positives) for each distinct score, strictest first. Returns the
/// totals.
template <typename Visit>
Tally sweep(std::span<const double> scores, std::span<const std::uint8_t> labels, Visit visit) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  Tally tally;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (labels[order[i]] != 0 ? tally.positives : tally.negatives) += 1;
    if (i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]]) {
      visit(scores[order[i]], tally.positives, tally.negatives);
    }
  }
  return tally;
}

Tally totals(std::span<const std::uint8_t> labels) {
  const auto positives =
      static_cast<double>(std::count_if(labels.begin(), labels.end(), [](auto label) { return label != 0; }));
  return {positives, static_cast<double>(labels.size()) - positives};
}

}  // namespace

double image_auroc(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  check(scores, labels);
  double area = 0, last_positives = 0, last_negatives = 0;
  const Tally total = sweep(scores, labels, [&](double, double positives, double negatives) {
    area += (negatives - last_negatives) * (positives + last_positives) * 0.5;
    last_positives = positives;
    last_negatives = negatives;
  });
  if (total.positives == 0 || total.negatives == 0) return kUndefined;
  return area / (total.positives * total.negatives);
}

double average_precision(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  check(scores, labels);
  const Tally total = totals(labels);
  if (total.positives == 0 || total.negatives == 0) return kUndefined;
  double sum = 0, last_positives = 0;
  sweep(scores, labels, [&](double, double positives, double negatives) {
    sum += (positives - last_positives) / total.positives * positives / (positives + negatives);
    last_positives = positives;
  });
  return sum;
}

double f1_max(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  check(scores, labels);
  const Tally total = totals(labels);
  if (total.positives == 0 || total.negatives == 0) return kUndefined;
  double best = 0;
  sweep(scores, labels, [&](double, double positives, double negatives) {
    best = std::max(best, 2.0 * positives / (positives + negatives + total.positives));
  });
  return best;
}

std::vector<OperatingPoint> operating_points(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  check(scores, labels);
  const Tally total = totals(labels);
  std::vector<OperatingPoint> points;
  if (total.positives == 0 || total.negatives == 0) return points;
  sweep(scores, labels, [&](double threshold, double positives, double negatives) {
    points.push_back(
        {threshold, positives / total.positives, negatives / total.negatives, positives / (positives + negatives)});
  });
  return points;
}

}  // namespace normadd::metrics
