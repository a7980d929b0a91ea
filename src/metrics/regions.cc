// SPDX-License-Identifier: Apache-2.0
#include "metrics/regions.h"

#include <fmt/format.h>

#include "core/error.h"

namespace normadd::metrics {
namespace {

/// Sets of provisional labels that turned out to be one region; each set is led by its smallest label.
class LabelSets {
 public:
  std::uint32_t add() {
    leader_.push_back(static_cast<std::uint32_t>(leader_.size()));
    return leader_.back();
  }
  std::uint32_t find(std::uint32_t label) {
    while (leader_[label] != label) label = leader_[label] = leader_[leader_[label]];
    return label;
  }
  std::uint32_t join(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    if (a > b) std::swap(a, b);
    return leader_[b] = a;
  }
  std::size_t size() const { return leader_.size(); }

 private:
  std::vector<std::uint32_t> leader_{0};  // label 0 is the background
};

}  // namespace

Regions find_regions(std::span<const std::uint8_t> mask, std::size_t width) {
  if (width == 0 || mask.size() % width != 0) {
    throw core::DataError(fmt::format("a mask of {} pixels has no rows of {}", mask.size(), width), "", "");
  }
  Regions regions;
  regions.labels.assign(mask.size(), 0);
  LabelSets sets;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    const std::size_t x = i % width;
    std::uint32_t label = 0;
    // The neighbours that were seen before: left, and the three above.
    const auto meet = [&](std::size_t neighbour) {
      const std::uint32_t other = regions.labels[neighbour];
      if (other != 0) label = label == 0 ? other : sets.join(label, other);
    };
    if (x > 0) meet(i - 1);
    if (i >= width) {
      if (x > 0) meet(i - width - 1);
      meet(i - width);
      if (x + 1 < width) meet(i - width + 1);
    }
    regions.labels[i] = label != 0 ? label : sets.add();
  }
  std::vector<std::uint32_t> final_label(sets.size(), 0);
  for (std::uint32_t& label : regions.labels) {
    if (label == 0) continue;
    std::uint32_t& renamed = final_label[sets.find(label)];
    if (renamed == 0) {
      regions.sizes.push_back(0);
      renamed = static_cast<std::uint32_t>(regions.sizes.size());
    }
    ++regions.sizes[renamed - 1];
    label = renamed;
  }
  return regions;
}

}  // namespace normadd::metrics
