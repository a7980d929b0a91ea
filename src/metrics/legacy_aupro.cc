// SPDX-License-Identifier: Apache-2.0
#include "metrics/legacy_aupro.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "metrics/score_key.h"

namespace normadd::metrics {
namespace {

constexpr int kOfficialThresholds = 100;
constexpr int kCflowThresholds = 200;

std::size_t count_up_to(const std::vector<ScoreRun>& runs, std::uint32_t key) {
  std::size_t count = 0;
  for (const auto& run : runs) count += run.count_up_to(key, run.size());
  return count;
}

/// The key at a rank of all runs together, 0 = smallest: the smallest key up to which there are more than rank.
std::uint32_t key_at_rank(const std::vector<ScoreRun>& runs, std::size_t rank) {
  std::uint32_t below = 0;  // not enough up to here
  for (std::uint32_t bit = 1u << 31; bit != 0; bit >>= 1) {
    if (count_up_to(runs, below + (bit - 1)) <= rank) below += bit;
  }
  return below;
}

/// For each threshold (ascending): the mean over regions of the share of scores above it.
std::vector<double> overlaps_above(const PixelSelection& selection, const std::vector<std::uint32_t>& thresholds) {
  std::vector<double> between(thresholds.size() + 1, 0.0);  // [i]: above i thresholds exactly
  for (const auto& run : selection.anomalous) {
    std::size_t passed = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
      while (passed < thresholds.size() && run.key(i) > thresholds[passed]) ++passed;
      between[passed] += 1.0 / selection.region_sizes[run.region(i)];
    }
  }
  std::vector<double> overlaps(thresholds.size());
  double above = 0;
  for (std::size_t i = thresholds.size(); i-- > 0;) {
    above += between[i + 1];
    overlaps[i] = above / static_cast<double>(selection.regions.size());
  }
  return overlaps;
}

/// Area below a line through points of ascending x, up to limit, which is interpolated.
double area_up_to(const std::vector<double>& x, const std::vector<double>& y, double limit) {
  double area = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    const double width = x[i] - x[i - 1];
    const double share = width > 0 ? std::clamp((limit - x[i - 1]) / width, 0.0, 1.0) : 0.0;
    area += share * width * (y[i - 1] + 0.5 * share * (y[i] - y[i - 1]));
  }
  return area;
}

/// The key of the largest float that is not above the value.
std::uint32_t key_not_above(double value) {
  auto rounded = static_cast<float>(value);
  if (rounded > value) rounded = std::nextafter(rounded, -std::numeric_limits<float>::infinity());
  return key_of(rounded);
}

}  // namespace

double official_aupro(const PixelSelection& selection, double limit) {
  const auto num_normal = static_cast<double>(selection.num_normal);
  std::vector<std::uint32_t> thresholds;
  std::vector<double> rates{1.0};
  for (int i = 0; i < kOfficialThresholds; ++i) {
    const double place = i * ((num_normal - 1) / (kOfficialThresholds - 1));
    const double rank = i + 1 == kOfficialThresholds ? num_normal - 1 : std::floor(place);
    thresholds.push_back(key_at_rank(selection.normal, static_cast<std::size_t>(rank)));
    rates.push_back(1 - (rank + 1) / num_normal);
  }
  std::vector<double> overlaps = overlaps_above(selection, thresholds);
  overlaps.insert(overlaps.begin(), 1.0);
  std::reverse(rates.begin(), rates.end());
  std::reverse(overlaps.begin(), overlaps.end());
  return area_up_to(rates, overlaps, limit) / limit;
}

double cflow_aupro(const PixelSelection& selection, double limit) {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (const auto* runs : {&selection.normal, &selection.anomalous}) {
    for (const auto& run : *runs) {
      least = std::min(least, static_cast<double>(score_of(run.key(0))));
      greatest = std::max(greatest, static_cast<double>(score_of(run.key(run.size() - 1))));
    }
  }
  std::vector<std::uint32_t> thresholds;
  for (int i = 0; i < kCflowThresholds; ++i) {
    thresholds.push_back(key_not_above(least + i * ((greatest - least) / kCflowThresholds)));
  }
  const std::vector<double> overlaps = overlaps_above(selection, thresholds);
  std::vector<double> rates, kept;
  for (std::size_t i = thresholds.size(); i-- > 0;) {
    const std::size_t above = selection.num_normal - count_up_to(selection.normal, thresholds[i]);
    const double rate = static_cast<double>(above) / static_cast<double>(selection.num_normal);
    if (!(rate < limit)) continue;
    rates.push_back(rate);
    kept.push_back(overlaps[i]);
  }
  if (rates.size() < 2 || !(rates.back() > rates.front())) return std::numeric_limits<double>::quiet_NaN();
  const double first = rates.front(), width = rates.back() - first;
  for (double& rate : rates) rate = (rate - first) / width;
  return area_up_to(rates, kept, 1.0);
}

}  // namespace normadd::metrics
