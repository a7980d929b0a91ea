// SPDX-License-Identifier: Apache-2.0
#include "normality/controls.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::normality {
namespace {

const std::map<std::string, Control> kControls{
    {"none", Control::kNone},
    {"constant", Control::kConstant},
    {"random", Control::kRandom},
    {"shuffled_prompts", Control::kShuffledPrompts},
    {"wrong_object", Control::kWrongObject},
    {"oracle", Control::kOracle},
};

}  // namespace

std::vector<std::string> control_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : kControls) names.push_back(name);
  return names;
}

Control parse_control(const std::string& name) {
  const auto found = kControls.find(name);
  if (found == kControls.end()) {
    throw core::ConfigError("unknown control '" + name + "'", "controls", core::did_you_mean(name, control_names()));
  }
  return found->second;
}

bool changes_texts(Control control) { return control == Control::kShuffledPrompts || control == Control::kWrongObject; }

bool depends_on_prompts(Control control) { return changes_texts(control) || control == Control::kRandom; }

std::string stand_in_type(const std::vector<std::string>& defect_types, const std::string& added) {
  const auto found = std::find(defect_types.begin(), defect_types.end(), added);
  NORMADD_CHECK(found != defect_types.end() && defect_types.size() > 1, added);
  return found + 1 == defect_types.end() ? defect_types.front() : *(found + 1);
}

std::string stand_in_noun(const std::string& category) { return category == "zipper" ? "carpet" : "zipper"; }

imaging::Map shuffled_cells(const imaging::Map& map, core::RandomStream& random) {
  constexpr int kCells = 16;
  const int rows = std::min(kCells, map.height), columns = std::min(kCells, map.width);
  const int cell_height = map.height / rows, cell_width = map.width / columns;
  std::vector<int> order(static_cast<std::size_t>(rows) * columns);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  random.shuffle(order);
  imaging::Map shuffled = map;  // what does not fill a cell at the right and lower edge stays
  for (std::size_t i = 0; i < order.size(); ++i) {
    const int to_row = static_cast<int>(i) / columns, to_column = static_cast<int>(i) % columns;
    const int from_row = order[i] / columns, from_column = order[i] % columns;
    for (int y = 0; y < cell_height; ++y) {
      std::copy_n(map.row(from_row * cell_height + y) + from_column * cell_width, cell_width,
                  shuffled.row(to_row * cell_height + y) + to_column * cell_width);
    }
  }
  return shuffled;
}

std::vector<std::size_t> handed_on(std::size_t count, core::RandomStream random) {
  std::vector<std::size_t> order(count), receivers(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  for (std::size_t i = 0; i < count; ++i) receivers[order[i]] = order[(i + 1) % count];
  return receivers;
}

imaging::Map map_of_mask(const imaging::Mask& mask) {
  imaging::Map map(mask.height, mask.width);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) map.values[i] = mask.pixels[i] != 0 ? 1.0f : 0.0f;
  return map;
}

}  // namespace normadd::normality
