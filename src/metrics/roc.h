// SPDX-License-Identifier: Apache-2.0
// Ranking metrics on plain scores and labels.
// labels: 0 = normal, anything else = anomalous; larger scores = more anomalous; both spans have the same length.
// Undefined results (one class is missing) are NaN: never 0 or 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace normadd::metrics {

/// P(anomalous > normal) + P(equal)/2, by mid-ranks; exact with ties. In [0, 1].
/// Throws DataError for non-finite scores or different lengths (as do all functions here).
double image_auroc(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// Sum over distinct thresholds of (recall step) x precision, no interpolation (scikit-learn's
/// average_precision_score).
double average_precision(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// Largest F1 over all thresholds of the precision-recall curve.
double f1_max(std::span<const double> scores, std::span<const std::uint8_t> labels);

/// One point per distinct score, from the strictest threshold to the loosest; score >= threshold is called anomalous.
struct OperatingPoint {
  double threshold = 0;
  double true_positive_rate = 0;
  double false_positive_rate = 0;
  double precision = 0;
};
/// Empty when one class is missing.
std::vector<OperatingPoint> operating_points(std::span<const double> scores, std::span<const std::uint8_t> labels);

}  // namespace normadd::metrics
