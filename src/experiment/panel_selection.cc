// SPDX-License-Identifier: Apache-2.0
#include "experiment/panel_selection.h"

#include <algorithm>
#include <vector>

namespace normadd::experiment {

PanelSelection select_panel_images(const datasets::Category& category, const datasets::Pair& pair,
                                   std::span<const double> score_before) {
  constexpr std::array kOrder{datasets::Role::kAdded, datasets::Role::kRetained, datasets::Role::kGood};
  PanelSelection selection;
  for (std::size_t slot = 0; slot < kOrder.size(); ++slot) {
    std::vector<std::size_t> group;
    for (std::size_t i = 0; i < category.test.size(); ++i) {
      if (datasets::role_of(category.test[i], pair) == kOrder[slot]) group.push_back(i);
    }
    if (group.empty()) continue;
    const auto median = group.begin() + static_cast<std::ptrdiff_t>((group.size() - 1) / 2);
    std::stable_sort(group.begin(), group.end(),
                     [&](std::size_t a, std::size_t b) { return score_before[a] < score_before[b]; });
    selection.image[slot] = *median;
    selection.has[slot] = true;
  }
  return selection;
}

}  // namespace normadd::experiment
