// SPDX-License-Identifier: Apache-2.0
// Brings the values of different detectors onto one scale, learnt from good pictures only.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace normadd::detectors {

enum class Normalisation { kMinMax, kRank };

/// "min_max", "rank". Throws ConfigError with the valid names.
Normalisation parse_normalisation(const std::string& name);

/// 0 up to the lowest calibration value, 1 at the highest, growing on beyond it with slope 1 / (highest - lowest), so
/// that anomalies, which lie there, stay in order. In between: min-max = a straight line; rank = the share of the
/// calibration values that are not larger (from at most kMostKnots quantiles, linear between them).
class ValueScale {
 public:
  static constexpr std::size_t kMostKnots = 1001;

  /// Learns from values, at least one. Throws DataError naming what when all are equal.
  static ValueScale learn(Normalisation normalisation, std::vector<double> values, const std::string& what);

  double operator()(double value) const;

  /// float64 [K], ascending; the whole state.
  at::Tensor knots() const;
  /// Throws WeightsError naming the tensor and where unless it is what knots() gives.
  static ValueScale from_knots(const at::Tensor& knots, const std::string& name, const std::string& where);

 private:
  std::vector<double> knots_;  // value number k has level k / (K - 1); first < last
};

}  // namespace normadd::detectors
