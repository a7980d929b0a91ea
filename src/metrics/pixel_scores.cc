// SPDX-License-Identifier: Apache-2.0
#include "metrics/pixel_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "metrics/radix_sort.h"
#include "metrics/regions.h"
#include "metrics/score_key.h"

namespace normadd::metrics {

std::size_t ScoreRun::count_up_to(std::uint32_t key, std::size_t end) const {
  // Doubling steps down from the end: in a walk from the highest score the place is near.
  std::size_t low = end, step = 1;
  while (low > 0 && this->key(low - 1) > key) {
    end = low - 1;
    low -= std::min(step, low);
    step *= 2;
  }
  while (low < end) {
    const std::size_t middle = low + (end - low) / 2;
    (this->key(middle) > key ? end : low) = this->key(middle) > key ? middle : middle + 1;
  }
  return low;
}

void PixelScores::add(const std::string& group, std::span<const float> map, std::span<const std::uint8_t> mask,
                      std::size_t width) {
  if (map.size() != mask.size()) throw core::DataError("map and mask differ in size", "", "");
  if (!std::all_of(map.begin(), map.end(), [](float score) { return std::isfinite(score); })) {
    throw core::DataError("a map has a value that is not a finite number", "", "");
  }
  const Regions regions = find_regions(mask, width);
  const auto first_region = static_cast<std::uint32_t>(region_sizes_.size());
  Group& into = groups_[group];
  for (const std::uint32_t size : regions.sizes) {
    into.regions.push_back(static_cast<std::uint32_t>(region_sizes_.size()));
    region_sizes_.push_back(size);
  }
  const auto num_normal = static_cast<std::size_t>(std::count(regions.labels.begin(), regions.labels.end(), 0u));
  into.normal.make_room(num_normal);
  into.anomalous.make_room(map.size() - num_normal);
  for (std::size_t i = 0; i < map.size(); ++i) {
    const std::uint32_t key = key_of(map[i]), label = regions.labels[i];
    if (label == 0) {
      into.normal.append(key);
    } else {
      into.anomalous.append(std::uint64_t{key} << 32 | (first_region + label - 1));
    }
  }
  into.is_sorted = false;
}

PixelSelection PixelScores::select(const std::function<PixelRole(const std::string&)>& role_of,
                                   bool anomalous_images_only) {
  PixelSelection selection;
  selection.region_sizes = region_sizes_;
  const auto take_normal = [&](const ScoreRun& run) {
    if (run.size() == 0) return;
    selection.normal.push_back(run);
    selection.num_normal += run.size();
  };
  for (auto& [name, group] : groups_) {
    const PixelRole role = role_of(name);
    if (role == PixelRole::kIgnored || (anomalous_images_only && role != PixelRole::kAnomalous)) continue;
    if (!group.is_sorted) {
      sort_ascending(group.normal.span());
      sort_ascending(group.anomalous.span());
      group.is_sorted = true;
    }
    take_normal(ScoreRun(std::as_const(group.normal).span()));
    const ScoreRun inside_masks(std::as_const(group.anomalous).span());
    if (role == PixelRole::kNormal) {
      take_normal(inside_masks);
    } else if (inside_masks.size() > 0) {
      selection.anomalous.push_back(inside_masks);
      selection.num_anomalous += inside_masks.size();
      selection.regions.insert(selection.regions.end(), group.regions.begin(), group.regions.end());
    }
  }
  return selection;
}

}  // namespace normadd::metrics
