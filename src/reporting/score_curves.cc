// SPDX-License-Identifier: Apache-2.0
#include "reporting/score_curves.h"

#include <algorithm>

#include "metrics/roc.h"

namespace normadd::reporting {
namespace {

std::vector<double> places_of(const std::vector<Curve>& curves) {
  std::vector<double> places;
  for (const auto& curve : curves) places.insert(places.end(), curve.x.begin(), curve.x.end());
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

/// The y just before and just after a place on a curve of straight pieces.
std::pair<double, double> sides_at(const Curve& curve, double place) {
  const auto first = std::lower_bound(curve.x.begin(), curve.x.end(), place);
  const auto after = std::upper_bound(first, curve.x.end(), place);
  const auto i = static_cast<std::size_t>(first - curve.x.begin());
  if (first != after) return {curve.y[i], curve.y[static_cast<std::size_t>(after - curve.x.begin()) - 1]};
  if (i == 0 || i == curve.x.size()) return {curve.y[i == 0 ? 0 : i - 1], curve.y[i == 0 ? 0 : i - 1]};
  const double share = (place - curve.x[i - 1]) / (curve.x[i] - curve.x[i - 1]);
  const double y = curve.y[i - 1] + share * (curve.y[i] - curve.y[i - 1]);
  return {y, y};
}

std::vector<Curve> without_empty(const std::vector<Curve>& curves) {
  std::vector<Curve> kept;
  std::copy_if(curves.begin(), curves.end(), std::back_inserter(kept),
               [](const Curve& curve) { return !curve.empty(); });
  return kept;
}

}  // namespace

Curve roc_curve(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  Curve curve;
  const auto points = metrics::operating_points(scores, labels);
  if (points.empty()) return curve;
  curve.x.push_back(0);
  curve.y.push_back(0);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double x = points[i].false_positive_rate, y = points[i].true_positive_rate;
    // Along a straight piece, inner points say nothing.
    const std::size_t last = curve.x.size() - 1;
    const bool goes_on =
        last > 0 && ((curve.x[last] == x && curve.x[last - 1] == x) || (curve.y[last] == y && curve.y[last - 1] == y));
    if (goes_on) {
      curve.x[last] = x;
      curve.y[last] = y;
    } else {
      curve.x.push_back(x);
      curve.y.push_back(y);
    }
  }
  return curve;
}

Curve precision_recall_curve(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  Curve curve;
  double recall = 0;
  const auto points = metrics::operating_points(scores, labels);
  for (const auto& point : points) {
    if (point.true_positive_rate == recall) continue;
    curve.x.push_back(recall);
    curve.y.push_back(point.precision);
    recall = point.true_positive_rate;
  }
  if (curve.empty()) return curve;
  curve.x.push_back(1);
  curve.y.push_back(curve.y.back());
  return curve;
}

Curve mean_of_lines(const std::vector<Curve>& curves) {
  const auto kept = without_empty(curves);
  Curve mean;
  for (const double place : places_of(kept)) {
    double before = 0, after = 0;
    for (const auto& curve : kept) {
      const auto [low, high] = sides_at(curve, place);
      before += low;
      after += high;
    }
    before /= static_cast<double>(kept.size());
    after /= static_cast<double>(kept.size());
    mean.x.push_back(place);
    mean.y.push_back(before);
    if (after == before) continue;
    mean.x.push_back(place);
    mean.y.push_back(after);
  }
  return mean;
}

Curve mean_of_steps(const std::vector<Curve>& curves) {
  const auto kept = without_empty(curves);
  Curve mean;
  for (const double place : places_of(kept)) {
    double sum = 0;
    for (const auto& curve : kept) {
      const auto after = std::upper_bound(curve.x.begin(), curve.x.end(), place);
      sum += curve.y[static_cast<std::size_t>(after - curve.x.begin()) - 1];
    }
    mean.x.push_back(place);
    mean.y.push_back(sum / static_cast<double>(kept.size()));
  }
  return mean;
}

double area_under_lines(const Curve& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.x.size(); ++i)
    area += (curve.x[i] - curve.x[i - 1]) * 0.5 * (curve.y[i] + curve.y[i - 1]);
  return area;
}

double area_under_steps(const Curve& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.x.size(); ++i) area += (curve.x[i] - curve.x[i - 1]) * curve.y[i - 1];
  return area;
}

}  // namespace normadd::reporting
