// SPDX-License-Identifier: Apache-2.0
#include "detectors/position_features.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace normadd::detectors {
namespace {

at::Tensor numbered(const std::vector<std::int64_t>& shape, float first) {
  std::int64_t count = 1;
  for (const std::int64_t length : shape) count *= length;
  return (at::arange(count, at::kFloat) + first).reshape(shape);
}

/// The literal way: everything upsampled and concatenated, then selected.
at::Tensor twin(const std::vector<at::Tensor>& maps, const std::vector<std::int64_t>& channels) {
  std::vector<at::Tensor> planes;
  for (const auto& map : maps) planes.push_back(at::upsample_nearest2d(map, {maps[0].size(2), maps[0].size(3)}));
  return at::cat(planes, 1).index_select(1, at::tensor(channels, at::kLong)).flatten(2).transpose(1, 2).contiguous();
}

void expect_same_as_twin(const std::vector<at::Tensor>& maps, const std::vector<std::int64_t>& channels) {
  at::Tensor rows =
      at::empty({maps[0].size(0), maps[0].size(2) * maps[0].size(3), static_cast<std::int64_t>(channels.size())});
  position_features(maps, channels, rows);
  EXPECT_TRUE(at::equal(rows, twin(maps, channels)));
}

TEST(PositionFeatures, RepeatCoarserMapsAndSelectInTheGivenOrder) {
  expect_same_as_twin({numbered({2, 3, 8, 12}, 0), numbered({2, 4, 4, 6}, 1e4), numbered({2, 5, 2, 3}, 2e4)},
                      {11, 0, 3, 7, 2, 6});
}

TEST(PositionFeatures, GridsThatAreNoMultiplesFollowTorchsNearest) {
  expect_same_as_twin({numbered({1, 2, 14, 9}, 0), numbered({1, 2, 7, 5}, 1e4), numbered({1, 1, 4, 3}, 2e4)},
                      {4, 3, 1, 0, 2});
}

TEST(PositionFeatures, TheFirstTapDecidesTheGrid) {
  expect_same_as_twin({numbered({1, 2, 3, 3}, 0), numbered({1, 2, 6, 7}, 1e4)}, {3, 0});
}

TEST(PositionFeatures, MapsNeedNotBeContiguous) {
  const at::Tensor map = numbered({1, 6, 5, 4}, 0).contiguous(at::MemoryFormat::ChannelsLast);
  expect_same_as_twin({map}, {5, 1});
}

}  // namespace
}  // namespace normadd::detectors
