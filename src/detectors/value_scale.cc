// SPDX-License-Identifier: Apache-2.0
#include "detectors/value_scale.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::detectors {

Normalisation parse_normalisation(const std::string& name) {
  if (name == "min_max") return Normalisation::kMinMax;
  if (name == "rank") return Normalisation::kRank;
  throw core::ConfigError(fmt::format("there is no normalisation '{}'", name), "detector.normalisation",
                          core::did_you_mean(name, {"min_max", "rank"}));
}

ValueScale ValueScale::learn(Normalisation normalisation, std::vector<double> values, const std::string& what) {
  NORMADD_CHECK(!values.empty(), what);
  std::sort(values.begin(), values.end());
  if (values.front() == values.back()) {
    throw core::DataError(
        fmt::format("{} have one value ({}) on all good pictures, so there is no scale in them", what, values.front()),
        "", "Raise detector.calibration_share, or leave this member out.");
  }
  ValueScale scale;
  if (normalisation == Normalisation::kMinMax) {
    scale.knots_ = {values.front(), values.back()};
    return scale;
  }
  const std::size_t count = std::min(kMostKnots, values.size());
  for (std::size_t k = 0; k < count; ++k) scale.knots_.push_back(values[k * (values.size() - 1) / (count - 1)]);
  return scale;
}

double ValueScale::operator()(double value) const {
  const double low = knots_.front(), high = knots_.back();
  if (value < low) return 0;
  if (value >= high) return 1 + (value - high) / (high - low);
  const auto above = std::upper_bound(knots_.begin(), knots_.end(), value);
  const auto below = above - 1;
  const double step = 1.0 / static_cast<double>(knots_.size() - 1);
  return step * (static_cast<double>(below - knots_.begin()) + (value - *below) / (*above - *below));
}

at::Tensor ValueScale::knots() const { return at::tensor(knots_, at::kDouble); }

ValueScale ValueScale::from_knots(const at::Tensor& knots, const std::string& name, const std::string& where) {
  ValueScale scale;
  if (knots.dim() == 1 && knots.scalar_type() == at::kDouble && knots.size(0) >= 2 &&
      knots.size(0) <= static_cast<std::int64_t>(kMostKnots)) {
    const at::Tensor values = knots.contiguous();
    scale.knots_.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.size(0));
  }
  const bool usable = !scale.knots_.empty() && std::is_sorted(scale.knots_.begin(), scale.knots_.end()) &&
                      scale.knots_.front() < scale.knots_.back() &&
                      std::all_of(scale.knots_.begin(), scale.knots_.end(), [](double v) { return std::isfinite(v); });
  if (!usable) {
    throw core::WeightsError(fmt::format("the tensor '{}' is not an ascending row of numbers", name), where,
                             "Fit the detector again.");
  }
  return scale;
}

}  // namespace normadd::detectors
