// SPDX-License-Identifier: Apache-2.0
#include "metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/error.h"

namespace normadd::metrics {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

constexpr std::size_t kBlock = ResampledImages::kBlock;

/// Images with the same score, as a range of the sorted order: its normal ones, then its anomalous ones.
struct TieGroup {
  std::size_t begin = 0, first_anomalous = 0, end = 0;
};

struct SortedScores {
  std::vector<std::size_t> order;
  std::vector<TieGroup> groups;  // from the lowest score
  double num_normal = 0, num_anomalous = 0;
};

SortedScores sorted(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  SortedScores result;
  auto& order = result.order;
  order.resize(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto is_anomalous = [&](std::size_t image) { return labels[image] != 0; };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : is_anomalous(a) < is_anomalous(b);
  });
  for (std::size_t begin = 0; begin < order.size();) {
    TieGroup group{begin, begin, begin};
    while (group.end < order.size() && scores[order[group.end]] == scores[order[begin]]) {
      group.first_anomalous += is_anomalous(order[group.end]) ? 0 : 1;
      ++group.end;
    }
    result.num_normal += static_cast<double>(group.first_anomalous - group.begin);
    result.num_anomalous += static_cast<double>(group.end - group.first_anomalous);
    result.groups.push_back(group);
    begin = group.end;
  }
  return result;
}

/// Sums over one block of replicates; arrays of known length that nothing else can point to, so that the compiler makes
/// vectors of the loops.
template <typename Sum>
struct BlockSums {
  Sum normal_below[kBlock] = {};
  Sum ordered[kBlock] = {};  // twice the number of (normal, anomalous) pairs in the right order, ties once

  void add_normal(const float* counts) {
    for (std::size_t r = 0; r < kBlock; ++r) normal_below[r] += static_cast<Sum>(counts[r]);
  }
  void add_anomalous(const float* counts, Sum weight) {
    for (std::size_t r = 0; r < kBlock; ++r) ordered[r] += weight * static_cast<Sum>(counts[r]) * normal_below[r];
  }
};

template <typename Sum>
std::vector<double> aurocs(const ResampledImages& images, const SortedScores& scores) {
  const double num_pairs = scores.num_normal * scores.num_anomalous;
  std::vector<double> result(images.num_replicates());
  for (std::size_t first = 0; first < result.size(); first += kBlock) {
    BlockSums<Sum> sums;
    const auto counts = [&](std::size_t i) { return images.padded_counts(scores.order[i]).data() + first; };
    for (const auto& group : scores.groups) {
      const bool is_mixed = group.begin < group.first_anomalous && group.first_anomalous < group.end;
      if (is_mixed) {
        for (std::size_t i = group.first_anomalous; i < group.end; ++i) sums.add_anomalous(counts(i), Sum{1});
      }
      for (std::size_t i = group.begin; i < group.first_anomalous; ++i) sums.add_normal(counts(i));
      const Sum weight = is_mixed ? Sum{1} : Sum{2};
      for (std::size_t i = group.first_anomalous; i < group.end; ++i) sums.add_anomalous(counts(i), weight);
    }
    const std::size_t last = std::min(first + kBlock, result.size());
    for (std::size_t r = first; r < last; ++r) {
      result[r] = 0.5 * static_cast<double>(sums.ordered[r - first]) / num_pairs;
    }
  }
  return result;
}

/// values are sorted.
double quantile(const std::vector<double>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace

ResampledImages::ResampledImages(std::span<const std::size_t> strata, std::size_t num_replicates,
                                 core::RandomStream stream)
    : num_images_(strata.size()),
      num_replicates_(num_replicates),
      row_length_((num_replicates + kBlock - 1) / kBlock * kBlock),
      counts_(num_images_ * row_length_, 0.0F) {
  std::map<std::size_t, std::vector<std::size_t>> images_of;
  for (std::size_t image = 0; image < strata.size(); ++image) images_of[strata[image]].push_back(image);
  for (std::size_t replicate = 0; replicate < num_replicates; ++replicate) {
    for (const auto& [stratum, images] : images_of) {
      const auto size = static_cast<double>(images.size());
      for (std::size_t i = 0; i < images.size(); ++i) {
        const std::size_t image = images[static_cast<std::size_t>(stream.uniform() * size)];
        counts_[image * row_length_ + replicate] += 1.0F;
      }
    }
  }
}

std::vector<double> resampled_aurocs(const ResampledImages& images, std::span<const double> scores,
                                     std::span<const std::uint8_t> labels) {
  if (scores.size() != images.num_images() || labels.size() != images.num_images()) {
    throw core::DataError("scores and labels differ in number from the images", "", "");
  }
  for (const double score : scores) {
    if (!std::isfinite(score)) {
      throw core::DataError("a score is not a finite number", "", "Look at the maps it came from.");
    }
  }
  const SortedScores in_order = sorted(scores, labels);
  const double most = 2.0 * in_order.num_normal * in_order.num_anomalous;
  if (most == 0) return std::vector<double>(images.num_replicates(), kUndefined);
  // Whole numbers up to 2^24 are exact in single precision, which goes twice as fast.
  constexpr double kMostInSingle = 16777216.0;
  return most <= kMostInSingle ? aurocs<float>(images, in_order) : aurocs<double>(images, in_order);
}

PercentileInterval percentile_interval(std::vector<double> values, double level) {
  if (values.empty() || std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    return {kUndefined, kUndefined};
  }
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.5 * (1.0 - level)), quantile(values, 0.5 * (1.0 + level))};
}

}  // namespace normadd::metrics
