// SPDX-License-Identifier: Apache-2.0
// Where to cut image scores, and what the cut gives. score >= threshold is called anomalous, everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace normadd::metrics {

struct Threshold {
  double value = 0;
  std::string origin;          // for people: what it was taken from
  bool tuned_on_test = false;  // must be marked wherever it is used
};

/// The score with the largest F1 (the least of several), as anomalib's F1AdaptiveThreshold. set: what the scores are,
/// for errors. Throws DataError without anomalous or without normal scores: no threshold follows from one class
/// (anomalib then took an extreme score).
double f1_adaptive_threshold(std::span<const double> scores, std::span<const std::uint8_t> labels,
                             const std::string& set);

/// The score below which the share q of the normal ones lies, linear between neighbours (numpy.quantile). Throws
/// ConfigError for q outside [0, 1], DataError without scores.
double quantile_threshold(std::span<const double> normal_scores, double q, const std::string& set);

/// Counts of images at a threshold. Rates are NaN where their divisor is 0.
struct Decisions {
  std::size_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;
  double accuracy() const;
  double precision() const;
  double recall() const;
  double f1() const;
  double false_positive_rate() const;
};
Decisions decide(std::span<const double> scores, std::span<const std::uint8_t> labels, double threshold);

}  // namespace normadd::metrics
