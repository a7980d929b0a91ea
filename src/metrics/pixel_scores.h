// SPDX-License-Identifier: Apache-2.0
// All pixels of a category, added map by map, from which exact pixel metrics of any choice of image groups follow.
// Memory: 4 bytes per normal pixel, 8 per anomalous one, and no copy: 83 maps of 1024 x 1024 with 3 % of anomalous
// pixels take 360 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "metrics/growing_array.h"

namespace normadd::metrics {

/// Scores in ascending order, as keys (score_key.h).
class ScoreRun {
 public:
  explicit ScoreRun(std::span<const std::uint32_t> keys) : keys_(keys) {}
  /// keys: key << 32 | region.
  explicit ScoreRun(std::span<const std::uint64_t> keys) : keys_with_region_(keys) {}

  std::size_t size() const { return keys_.size() + keys_with_region_.size(); }
  std::uint32_t key(std::size_t i) const {
    return keys_with_region_.empty() ? keys_[i] : static_cast<std::uint32_t>(keys_with_region_[i] >> 32);
  }
  /// Only of runs with regions.
  std::uint32_t region(std::size_t i) const { return static_cast<std::uint32_t>(keys_with_region_[i]); }
  /// The number of keys <= key among the first end.
  std::size_t count_up_to(std::uint32_t key, std::size_t end) const;

 private:
  std::span<const std::uint32_t> keys_;
  std::span<const std::uint64_t> keys_with_region_;
};

/// What the pixels of a choice of groups count as. Refers to its PixelScores: valid until that changes.
struct PixelSelection {
  std::vector<ScoreRun> normal, anomalous;
  std::span<const std::uint32_t> region_sizes;  // of all regions, by number
  std::size_t num_normal = 0, num_anomalous = 0;
  std::vector<std::uint32_t> regions;  // numbers of those that take part

  bool has_both_classes() const { return num_normal > 0 && num_anomalous > 0; }
};

/// What a group of images counts as. kNormal: all of its pixels, those inside its masks too.
enum class PixelRole { kNormal, kAnomalous, kIgnored };

class PixelScores {
 public:
  /// group: what is selected together, e.g. a defect type. map and mask have the same length, in rows of width pixels;
  /// mask: 0 = normal. Throws DataError for other lengths and for scores that are not finite.
  void add(const std::string& group, std::span<const float> map, std::span<const std::uint8_t> mask, std::size_t width);

  /// anomalous_images_only: normal pixels are taken from groups in the role kAnomalous alone. Sorts what was added
  /// since the last call, in place.
  PixelSelection select(const std::function<PixelRole(const std::string& group)>& role_of,
                        bool anomalous_images_only = false);

 private:
  struct Group {
    GrowingArray<std::uint32_t> normal;
    GrowingArray<std::uint64_t> anomalous;
    std::vector<std::uint32_t> regions;
    bool is_sorted = true;
  };
  std::map<std::string, Group> groups_;
  std::vector<std::uint32_t> region_sizes_;
};

}  // namespace normadd::metrics
