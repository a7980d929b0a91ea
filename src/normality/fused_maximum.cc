// SPDX-License-Identifier: Apache-2.0
#include "normality/fused_maximum.h"

#include <algorithm>

#include "core/error.h"
#include "normality/fusion_rule.h"

namespace normadd::normality {

TiledMap::TiledMap(const imaging::Map& map) : map_(&map) {
  NORMADD_CHECK(!map.values.empty(), "empty map");
  for (int top = 0; top < map.height; top += kTilePx) {
    for (int left = 0; left < map.width; left += kTilePx) {
      Tile tile{top, left, std::min(top + kTilePx, map.height), std::min(left + kTilePx, map.width),
                map.row(top)[left]};
      for (int y = tile.top; y < tile.bottom; ++y) {
        const auto [low, high] = std::minmax_element(map.row(y) + tile.left, map.row(y) + tile.right);
        tile.maximum = std::max(tile.maximum, *high);
        is_negative_ = is_negative_ || *low < 0;
      }
      tiles_.push_back(tile);
    }
  }
  std::stable_sort(tiles_.begin(), tiles_.end(), [](const Tile& a, const Tile& b) { return a.maximum > b.maximum; });
}

double TiledMap::maximum() const { return tiles_.front().maximum; }

double fused_maximum(const TiledMap& anomaly, const imaging::Map& suppression, const FusionOptions& options,
                     double scale) {
  const imaging::Map& map = anomaly.map();
  NORMADD_CHECK(map.size() == suppression.size(), "A and A_sup differ in size");
  return with_fusion_rule(options, scale, [&](const auto& rule) -> double {
    const TiledMap::Tile& first = anomaly.tiles().front();
    float best = rule(map.row(first.top)[first.left], suppression.row(first.top)[first.left]);
    for (const TiledMap::Tile& tile : anomaly.tiles()) {
      if (tile.maximum <= best && !anomaly.is_negative()) break;
      for (int y = tile.top; y < tile.bottom; ++y) {
        const float* a = map.row(y);
        const float* s = suppression.row(y);
        for (int x = tile.left; x < tile.right; ++x) best = std::max(best, rule(a[x], s[x]));
      }
    }
    return best;
  });
}

}  // namespace normadd::normality
