// SPDX-License-Identifier: Apache-2.0
#include "detectors/score_map.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.h"

namespace normadd::detectors {
namespace {

imaging::Map random_map(int height, int width) {
  core::RandomStream random(4, "map");
  imaging::Map map(height, width);
  for (float& value : map.values) value = static_cast<float>(random.uniform());
  return map;
}

at::Tensor tensor_of(imaging::Map& map) {
  return at::from_blob(map.values.data(), {1, 1, map.height, map.width}, at::kFloat);
}

TEST(ScoreMap, NearestEqualsTorch) {
  for (const auto& [in, out] : std::vector<std::pair<imaging::Size, imaging::Size>>{
           {{8, 8}, {64, 64}}, {{28, 28}, {224, 224}}, {{7, 5}, {100, 33}}, {{6, 9}, {41, 50}}, {{9, 9}, {4, 9}}}) {
    imaging::Map patches = random_map(in.height, in.width);
    imaging::Map map = score_map(patches, out, {Upsampling::kNearest, std::nullopt});
    EXPECT_EQ(map.size(), out);
    EXPECT_TRUE(at::equal(tensor_of(map), at::upsample_nearest2d(tensor_of(patches), {out.height, out.width})));
  }
}

TEST(ScoreMap, BilinearEqualsTorch) {
  imaging::Map patches = random_map(7, 5);
  imaging::Map map = score_map(patches, {50, 33}, {Upsampling::kBilinear, std::nullopt});
  EXPECT_TRUE(at::allclose(tensor_of(map), at::upsample_bilinear2d(tensor_of(patches), {50, 33}, false), 1e-5, 1e-6));
}

TEST(ScoreMap, BordersDifferInTheRimOnly) {
  const imaging::Map patches = random_map(10, 10);
  const auto map = [&](imaging::Border border) {
    return score_map(patches, {80, 80}, {Upsampling::kNearest, 4.0, border});
  };
  const imaging::Map scipy = map(imaging::Border::kReflect), torch = map(imaging::Border::kReflect101);
  int different = 0;
  for (int y = 0; y < 80; ++y) {
    for (int x = 0; x < 80; ++x) {
      const bool rim = std::min({x, y, 79 - x, 79 - y}) < 16;  // 33 taps reach 16 pixels
      if (!rim) {
        ASSERT_EQ(scipy.row(y)[x], torch.row(y)[x]) << y << " " << x;
      }
      different += scipy.row(y)[x] != torch.row(y)[x];
    }
  }
  EXPECT_GT(different, 1000);
}

}  // namespace
}  // namespace normadd::detectors
