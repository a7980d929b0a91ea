// SPDX-License-Identifier: Apache-2.0
// Controls: suppressions under which an honest gain must vanish, and one that bounds it from above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "imaging/image.h"

namespace normadd::normality {

enum class Control {
  kNone,             // A_sup = 0
  kConstant,         // A_sup = 1/2 everywhere: every score is halved, no order changes
  kRandom,           // another image's A_sup of the same text, its cells shuffled
  kShuffledPrompts,  // the text of another defect type of the category
  kWrongObject,      // the right defect type on another category's noun
  kOracle,           // the ground-truth mask of the added type
};

std::vector<std::string> control_names();
/// Throws ConfigError with the nearest name.
Control parse_control(const std::string& name);

/// Whether the control changes the texts (and so is evaluated per prompt set) rather than the map.
bool changes_texts(Control control);
/// Whether the result depends on the prompt set at all.
bool depends_on_prompts(Control control);

/// The type whose text stands in for added: the next one in the sorted list, the first after the last.
std::string stand_in_type(const std::vector<std::string>& defect_types, const std::string& added);
/// A noun that has nothing to do with the category.
std::string stand_in_noun(const std::string& category);

/// Cuts the map into 16 x 16 equal cells and shuffles them: the same values, and smoothness within cells, in other
/// places.
imaging::Map shuffled_cells(const imaging::Map& map, core::RandomStream& random);

/// For each of count images, the one that gets its map: a random order in which each hands on to the next, so that
/// every map is used once and nobody keeps its own, unless it is alone.
std::vector<std::size_t> handed_on(std::size_t count, core::RandomStream random);

/// 0/1 mask to 0.0/1.0 map.
imaging::Map map_of_mask(const imaging::Mask& mask);

}  // namespace normadd::normality
