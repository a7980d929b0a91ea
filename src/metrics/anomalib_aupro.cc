// SPDX-License-Identifier: Apache-2.0
// Curves are not stored: one cursor per region walks the normal pixels' distinct scores, which all regions share.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "metrics/growing_array.h"
#include "metrics/legacy_aupro.h"
#include "metrics/threshold_walk.h"

namespace normadd::metrics {
namespace {

struct Point {
  double rate = 0, overlap = 0;
};

/// A distinct score of the normal pixels and how many lie at or above it.
struct NormalScore {
  std::uint32_t key = 0, count = 0;
};

/// Strictest first, up to the first one whose rate exceeds the limit.
GrowingArray<NormalScore> normal_scores(const PixelSelection& selection, double limit) {
  GrowingArray<NormalScore> scores;
  std::vector<std::size_t> left;
  for (const auto& run : selection.normal) left.push_back(run.size());
  std::size_t count = 0;
  while (count < selection.num_normal &&
         static_cast<double>(count) <= limit * static_cast<double>(selection.num_normal)) {
    std::uint32_t highest = 0;
    for (std::size_t r = 0; r < left.size(); ++r) {
      if (left[r] > 0) highest = std::max(highest, selection.normal[r].key(left[r] - 1));
    }
    for (std::size_t r = 0; r < left.size(); ++r) {
      for (; left[r] > 0 && selection.normal[r].key(left[r] - 1) == highest; --left[r]) ++count;
    }
    scores.make_room(1);
    scores.append({highest, static_cast<std::uint32_t>(count)});
  }
  return scores;
}

/// The ROC curve of one region against the background, by index: point 0 is (0, 0), each distinct score adds one.
class RegionCurve {
 public:
  RegionCurve(std::span<const NormalScore> normal, std::size_t num_normal, std::vector<std::uint32_t> descending)
      : normal_(normal), num_normal_(static_cast<double>(num_normal)), region_(std::move(descending)) {}

  /// Goes back to point 0.
  void restart() {
    at_ = 0;
    next_normal_ = next_region_ = 0;
    here_ = there_ = {};
    step();
  }
  /// The curve at a place between two points; places must not descend. Straight beyond the last point.
  Point at(double place) {
    while (at_ + 1 < place && step()) ++at_;
    const double share = place - static_cast<double>(at_);
    return {here_.rate + share * (there_.rate - here_.rate), here_.overlap + share * (there_.overlap - here_.overlap)};
  }
  /// From the start: the index where the curve is cut, and the place of the last sample.
  struct End {
    double index = 0, place = 0;
  };
  End find_end(double limit) {
    restart();
    double last_rate_index = 0;
    // here_: the last point whose rate is at most the limit; there_: the one after it.
    while (there_.rate <= limit && step()) ++last_rate_index;
    const bool is_over = there_.rate <= limit;  // the curve ends before the limit does
    const Point last = is_over ? there_ : here_;
    if (is_over) ++last_rate_index;
    if (is_over || (last.rate > 0 && std::abs(last.rate - limit) <= 1e-8 + 1e-5 * limit)) {
      return {last_rate_index, last_rate_index};
    }
    if (last.rate == 0) return {last_rate_index + 1, last_rate_index + 1};
    const double share = (limit - here_.rate) / (there_.rate - here_.rate);
    return {last_rate_index + 1, last_rate_index + share};
  }

 private:
  /// Moves on by one distinct score; false at the end of what is known.
  bool step() {
    const bool normal_left = next_normal_ < normal_.size(), region_left = next_region_ < region_.size();
    if (!normal_left && !region_left) return false;
    const std::uint32_t key = std::max(normal_left ? normal_[next_normal_].key : 0u,  //
                                       region_left ? region_[next_region_] : 0u);
    here_ = there_;
    if (normal_left && normal_[next_normal_].key == key) there_.rate = normal_[next_normal_++].count / num_normal_;
    while (next_region_ < region_.size() && region_[next_region_] == key) ++next_region_;
    there_.overlap = static_cast<double>(next_region_) / static_cast<double>(region_.size());
    return true;
  }

  std::span<const NormalScore> normal_;
  double num_normal_;
  std::vector<std::uint32_t> region_;
  double at_ = 0;
  std::size_t next_normal_ = 0, next_region_ = 0;
  Point here_, there_;
};

std::vector<RegionCurve> curves_of(const PixelSelection& selection, std::span<const NormalScore> normal) {
  std::vector<std::vector<std::uint32_t>> scores(selection.region_sizes.size());
  for (const auto& run : selection.anomalous) {
    for (std::size_t i = run.size(); i-- > 0;) scores[run.region(i)].push_back(run.key(i));
  }
  std::vector<RegionCurve> curves;
  for (const std::uint32_t region : selection.regions) {
    curves.emplace_back(normal, selection.num_normal, std::move(scores[region]));
  }
  return curves;
}

/// Points of the curve of all pixels up to the limit, (0, 0) included.
std::size_t num_global_points(const PixelSelection& selection, std::span<const NormalScore> normal, double limit) {
  std::vector<std::size_t> left;
  for (const auto& run : selection.anomalous) left.push_back(run.size());
  const double most = limit * static_cast<double>(selection.num_normal);
  std::size_t points = 1;
  for (std::size_t i = 0;;) {
    std::uint32_t highest = i < normal.size() ? normal[i].key : 0u;
    for (std::size_t r = 0; r < left.size(); ++r) {
      if (left[r] > 0) highest = std::max(highest, selection.anomalous[r].key(left[r] - 1));
    }
    if (highest == 0) return points;
    if (i < normal.size() && normal[i].key == highest && normal[i++].count > most) return points;
    for (std::size_t r = 0; r < left.size(); ++r) {
      while (left[r] > 0 && selection.anomalous[r].key(left[r] - 1) == highest) --left[r];
    }
    ++points;
  }
}

/// Trapezoids through points that arrive in ascending rate.
class Area {
 public:
  void add(const Point& point) {
    if (last_) sum_ += (point.rate - last_->rate) * (point.overlap + last_->overlap) / 2;
    last_ = point;
  }
  double value() const { return sum_; }

 private:
  std::optional<Point> last_;
  double sum_ = 0;
};

}  // namespace

double anomalib_aupro(const PixelSelection& selection, double limit) {
  const auto normal_array = normal_scores(selection, limit);
  const auto normal = normal_array.span();
  const std::size_t num_points = num_global_points(selection, normal, limit);
  if (num_points < 2) return std::numeric_limits<double>::quiet_NaN();
  auto curves = curves_of(selection, normal);
  const auto num_curves = static_cast<double>(curves.size());
  const auto last_index = static_cast<double>(num_points - 1);

  // The last sample sits at the limit, wherever that is between the samples by index; it is sorted in by its rate.
  Point end;
  std::vector<double> spacing;  // [curve]: points of the curve per sample
  for (auto& curve : curves) {
    const RegionCurve::End found = curve.find_end(limit);
    curve.restart();
    const Point point = curve.at(found.place);
    end.rate += point.rate / num_curves;
    end.overlap += point.overlap / num_curves;
    spacing.push_back(found.index / last_index);
    curve.restart();
  }
  Area area;
  bool end_is_due = true;
  for (std::size_t i = 0; i + 1 < num_points; ++i) {
    Point mean;
    for (std::size_t c = 0; c < curves.size(); ++c) {
      const Point point = curves[c].at(static_cast<double>(i) * spacing[c]);
      mean.rate += point.rate / num_curves;
      mean.overlap += point.overlap / num_curves;
    }
    if (end_is_due && mean.rate > end.rate) {
      area.add(end);
      end_is_due = false;
    }
    area.add(mean);
  }
  if (end_is_due) area.add(end);
  return area.value() / end.rate;
}

}  // namespace normadd::metrics
