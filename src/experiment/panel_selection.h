// SPDX-License-Identifier: Apache-2.0
// Which test images a pair's panel shows: chosen by a rule, never by hand.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "datasets/dataset.h"
#include "datasets/normality_addition.h"

namespace normadd::experiment {

/// Indices into category.test: of the added, the retained and the good images the one whose score before is the lower
/// median of its group (ties: first in order). Every group must have an image, which holds for every pair of a valid
/// category with good test images; a group without images is left out by has.
struct PanelSelection {
  std::array<std::size_t, 3> image{};
  std::array<bool, 3> has{};
};

/// Order of the entries: added, retained, good.
PanelSelection select_panel_images(const datasets::Category& category, const datasets::Pair& pair,
                                   std::span<const double> score_before);

}  // namespace normadd::experiment
