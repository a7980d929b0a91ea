// SPDX-License-Identifier: Apache-2.0
#include "normality/fused_maximum.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace normadd::normality {
namespace {

/// A smooth hill or plain noise, so that both many and few tiles matter.
imaging::Map random_map(core::RandomStream& random, imaging::Size size, float largest) {
  imaging::Map map(size.height, size.width);
  const bool is_smooth = random.chance(0.5);
  const double y0 = random.uniform(0, size.height), x0 = random.uniform(0, size.width);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double hill = 1.0 / (1.0 + 0.01 * ((y - y0) * (y - y0) + (x - x0) * (x - x0)));
      map.row(y)[x] = largest * static_cast<float>(is_smooth ? hill : random.uniform());
    }
  }
  return map;
}

TEST(FusedMaximum, EqualsTheMaximumOfTheFusedMapToTheBit) {
  core::RandomStream random(7, "fused maximum");
  for (int round = 0; round < 40; ++round) {
    const imaging::Size size{1 + static_cast<int>(random.index(70)), 1 + static_cast<int>(random.index(70))};
    const imaging::Map anomaly = random_map(random, size, 3.0f), suppression = random_map(random, size, 1.0f);
    const TiledMap tiled(anomaly);
    EXPECT_EQ(tiled.maximum(), map_maximum(anomaly));
    for (const char* rule : {"none", "product", "power", "threshold", "subtract"}) {
      const FusionOptions options{rule, random.uniform(), random.uniform(0, 3), random.uniform()};
      const double scale = random.uniform(0, 4);
      EXPECT_EQ(fused_maximum(tiled, suppression, options, scale),
                map_maximum(fuse(anomaly, suppression, options, scale)))
          << rule << ' ' << size.height << 'x' << size.width;
    }
  }
}

TEST(FusedMaximum, HoldsWhereASuppressionIsOneBitTooLargeAndAMapNegative) {
  imaging::Map anomaly(20, 40, -2.0f), suppression(20, 40, 1.0000001f);
  anomaly.row(19)[39] = -1.0f;
  suppression.row(3)[3] = 0.25f;
  const TiledMap tiled(anomaly);
  EXPECT_TRUE(tiled.is_negative());
  for (const char* rule : {"none", "product", "power", "threshold", "subtract"}) {
    const FusionOptions options{rule, 0.75, 2, 0.5};
    EXPECT_EQ(fused_maximum(tiled, suppression, options, 1.0), map_maximum(fuse(anomaly, suppression, options, 1.0)))
        << rule;
  }
}

}  // namespace
}  // namespace normadd::normality
