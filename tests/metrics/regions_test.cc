// SPDX-License-Identifier: Apache-2.0
#include "metrics/regions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "core/random.h"
#include "metrics/radix_sort.h"
#include "metrics/score_key.h"
#include "support/expect_error.h"

namespace normadd::metrics {
namespace {

using Mask = std::vector<std::uint8_t>;

/// The same by flooding from each pixel that has no label yet.
Regions by_flooding(const Mask& mask, std::size_t width) {
  Regions regions;
  regions.labels.assign(mask.size(), 0);
  const auto height = static_cast<std::ptrdiff_t>(mask.size() / width), columns = static_cast<std::ptrdiff_t>(width);
  for (std::size_t start = 0; start < mask.size(); ++start) {
    if (mask[start] == 0 || regions.labels[start] != 0) continue;
    regions.sizes.push_back(0);
    const auto label = static_cast<std::uint32_t>(regions.sizes.size());
    std::vector<std::size_t> waiting{start};
    regions.labels[start] = label;
    while (!waiting.empty()) {
      const std::size_t at = waiting.back();
      waiting.pop_back();
      ++regions.sizes.back();
      const auto y = static_cast<std::ptrdiff_t>(at / width), x = static_cast<std::ptrdiff_t>(at % width);
      for (std::ptrdiff_t ny = std::max<std::ptrdiff_t>(0, y - 1); ny <= std::min(height - 1, y + 1); ++ny) {
        for (std::ptrdiff_t nx = std::max<std::ptrdiff_t>(0, x - 1); nx <= std::min(columns - 1, x + 1); ++nx) {
          const auto next = static_cast<std::size_t>(ny * columns + nx);
          if (mask[next] == 0 || regions.labels[next] != 0) continue;
          regions.labels[next] = label;
          waiting.push_back(next);
        }
      }
    }
  }
  return regions;
}

TEST(Regions, EqualFloodingOnRandomMasks) {
  core::RandomStream random(1, "regions");
  for (int i = 0; i < 300; ++i) {
    const std::size_t width = 1 + random.index(20), height = 1 + random.index(20);
    const double density = random.uniform(0.05, 0.95);
    Mask mask(width * height);
    for (auto& pixel : mask) pixel = random.chance(density) ? 255 : 0;
    const Regions found = find_regions(mask, width), expected = by_flooding(mask, width);
    EXPECT_EQ(found.labels, expected.labels);
    EXPECT_EQ(found.sizes, expected.sizes);
  }
}

TEST(Regions, JoinAcrossCornersAndAroundBays) {
  const Mask corners{1, 0, 0,  //
                     0, 1, 0,  //
                     0, 0, 1};
  EXPECT_EQ(find_regions(corners, 3).sizes, (std::vector<std::uint32_t>{3}));
  const Mask teeth{1, 0, 1, 0, 1,  //
                   1, 0, 1, 0, 1,  //
                   1, 1, 1, 1, 1};
  EXPECT_EQ(find_regions(teeth, 5).sizes, (std::vector<std::uint32_t>{11}));
  // The end of a row does not touch the start of the next.
  const Mask edge{0, 0, 1,  //
                  0, 0, 0,  //
                  1, 0, 0};
  EXPECT_EQ(find_regions(edge, 3).sizes, (std::vector<std::uint32_t>{1, 1}));
}

TEST(Regions, RefuseAWidthThatDoesNotFit) {
  test::expect_error<core::DataError>([] { find_regions(Mask(5), 2); }, {"5 pixels", "rows of 2"});
}

TEST(RadixSort, SortsAsComparisonsDo) {
  core::RandomStream random(2, "sort");
  for (const std::size_t count : {0u, 1u, 500u, 513u, 60000u}) {
    for (const std::uint64_t levels : {std::uint64_t{3}, std::uint64_t{1} << 20, ~std::uint64_t{0}}) {
      std::vector<std::uint64_t> wide(count);
      for (auto& key : wide) key = random.bits() % levels;
      std::vector<std::uint32_t> narrow(wide.begin(), wide.end());
      auto expected_wide = wide;
      auto expected_narrow = narrow;
      std::sort(expected_wide.begin(), expected_wide.end());
      std::sort(expected_narrow.begin(), expected_narrow.end());
      sort_ascending(std::span(wide));
      sort_ascending(std::span(narrow));
      EXPECT_EQ(wide, expected_wide);
      EXPECT_EQ(narrow, expected_narrow);
    }
  }
}

TEST(ScoreKey, KeepsOrderAndValue) {
  const std::vector<float> ascending{-3e38f, -1.5f, -1e-40f, 0.0f, 1e-40f, 0.5f, 1.0f, 3e38f};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    EXPECT_EQ(score_of(key_of(ascending[i])), ascending[i]);
    if (i > 0) {
      EXPECT_LT(key_of(ascending[i - 1]), key_of(ascending[i]));
    }
  }
  EXPECT_EQ(key_of(-0.0f), key_of(0.0f));
}

}  // namespace
}  // namespace normadd::metrics
