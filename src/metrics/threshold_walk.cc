// SPDX-License-Identifier: Apache-2.0
#include "metrics/threshold_walk.h"

#include <algorithm>
#include <utility>

namespace normadd::metrics {
namespace {

std::vector<std::size_t> sizes_of(const std::vector<ScoreRun>& runs) {
  std::vector<std::size_t> sizes;
  for (const auto& run : runs) sizes.push_back(run.size());
  return sizes;
}

}  // namespace

ThresholdWalk::ThresholdWalk(const PixelSelection& selection)
    : selection_(selection), normal_left_(sizes_of(selection.normal)), anomalous_left_(sizes_of(selection.anomalous)) {}

std::size_t ThresholdWalk::pass_normal_above(std::uint32_t key) {
  std::size_t passed = 0;
  for (std::size_t run = 0; run < normal_left_.size(); ++run) {
    std::size_t& left = normal_left_[run];
    const std::size_t kept = selection_.normal[run].count_up_to(key, left);
    passed += left - kept;
    left = kept;
  }
  return passed;
}

bool ThresholdWalk::next(ThresholdStep& step) {
  step = {};
  bool found = false;
  std::uint32_t highest = 0;
  for (std::size_t run = 0; run < anomalous_left_.size(); ++run) {
    if (anomalous_left_[run] == 0) continue;
    highest = std::max(highest, selection_.anomalous[run].key(anomalous_left_[run] - 1));
    found = true;
  }
  if (!found) {
    for (std::size_t& left : normal_left_) step.normal += std::exchange(left, 0);
    return step.normal > 0;
  }
  step.normal = pass_normal_above(highest);
  if (step.normal > 0) return true;
  // No finite score has the key 0, so that there is one below.
  step.normal = pass_normal_above(highest - 1);
  for (std::size_t run = 0; run < anomalous_left_.size(); ++run) {
    const ScoreRun& scores = selection_.anomalous[run];
    std::size_t& left = anomalous_left_[run];
    for (; left > 0 && scores.key(left - 1) == highest; --left) {
      ++step.anomalous;
      step.regions += 1.0 / selection_.region_sizes[scores.region(left - 1)];
    }
  }
  return true;
}

PixelMetricSums::PixelMetricSums(std::size_t num_normal, std::size_t num_anomalous, std::size_t num_regions,
                                 double aupro_limit)
    : num_normal_(static_cast<double>(num_normal)),
      num_anomalous_(static_cast<double>(num_anomalous)),
      num_regions_(static_cast<double>(num_regions)),
      limit_(aupro_limit) {}

void PixelMetricSums::add(const ThresholdStep& step) {
  const auto normal = static_cast<double>(step.normal), anomalous = static_cast<double>(step.anomalous);
  roc_area_ += normal * (anomalous_ + 0.5 * anomalous);
  // PRO rises along the step in proportion to the false positive rate; the last step is cut where the limit falls.
  const double to_limit = limit_ * num_normal_ - normal_;
  if (normal > 0 && to_limit > 0) {
    const double share = std::min(1.0, to_limit / normal);
    pro_area_ += share * normal * (overlap_ + 0.5 * share * step.regions);
  }
  normal_ += normal;
  anomalous_ += anomalous;
  overlap_ = std::min(overlap_ + step.regions, num_regions_);  // sums of 1 / size exceed it by rounding
  if (anomalous > 0) {
    precision_area_ += anomalous * anomalous_ / (anomalous_ + normal_);
    best_f1_ = std::max(best_f1_, 2.0 * anomalous_ / (anomalous_ + normal_ + num_anomalous_));
  }
}

double PixelMetricSums::defined(double value) const {
  return num_normal_ > 0 && num_anomalous_ > 0 ? value : std::numeric_limits<double>::quiet_NaN();
}

double PixelMetricSums::auroc() const { return defined(roc_area_ / (num_normal_ * num_anomalous_)); }
double PixelMetricSums::average_precision() const { return defined(precision_area_ / num_anomalous_); }
double PixelMetricSums::f1_max() const { return defined(best_f1_); }
double PixelMetricSums::aupro() const {
  return defined(std::min(1.0, pro_area_ / (num_regions_ * num_normal_ * limit_)));
}

}  // namespace normadd::metrics
