// SPDX-License-Identifier: Apache-2.0
// The score after fusion, without the fused map.
#pragma once

#include <span>
#include <vector>

#include "imaging/image.h"
#include "normality/fusion.h"

namespace normadd::normality {

/// An anomaly map cut into tiles, largest maximum first: made once per map, used for every suppression and rule.
/// Refers to the map.
class TiledMap {
 public:
  static constexpr int kTilePx = 16;
  explicit TiledMap(const imaging::Map& map);

  struct Tile {
    int top = 0, left = 0, bottom = 0, right = 0;
    float maximum = 0;
  };
  const imaging::Map& map() const { return *map_; }
  std::span<const Tile> tiles() const { return tiles_; }
  double maximum() const;
  /// Some value lies below 0, where suppression makes larger.
  bool is_negative() const { return is_negative_; }

 private:
  const imaging::Map* map_;
  std::vector<Tile> tiles_;
  bool is_negative_ = false;
};

/// map_maximum(fuse(anomaly.map(), suppression, options, scale)) to the bit, for suppression and scale >= 0. Then no
/// rule makes a value of A larger that is not negative, so that tiles whose maximum does not exceed the best value
/// found are passed over.
double fused_maximum(const TiledMap& anomaly, const imaging::Map& suppression, const FusionOptions& options,
                     double scale);

}  // namespace normadd::normality
