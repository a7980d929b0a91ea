// SPDX-License-Identifier: Apache-2.0
#include "core/nearest_name.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace normadd::core {
namespace {

TEST(EditDistance, KnownValues) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ratoi", "ratio"), 1u);  // a swap of neighbours
  EXPECT_EQ(edit_distance("seed", "seed"), 0u);
}

TEST(EditDistance, IsSymmetricAndChangesByAtMostOnePerEdit) {
  RandomStream random(1, "edit distance");
  for (int i = 0; i < 500; ++i) {
    std::string a, b;
    for (std::size_t n = random.index(8); n > 0; --n) a += static_cast<char>('a' + random.index(3));
    for (std::size_t n = random.index(8); n > 0; --n) b += static_cast<char>('a' + random.index(3));
    const std::size_t distance = edit_distance(a, b);
    EXPECT_EQ(distance, edit_distance(b, a));
    EXPECT_LE(distance, std::max(a.size(), b.size()));
    const std::size_t longer = edit_distance(a + "z", b);
    EXPECT_LE(longer, distance + 1);
    EXPECT_GE(longer + 1, distance);
  }
}

TEST(NearestName, PicksTheNearestUnlessNothingIsNear) {
  const std::vector<std::string> names = {"padim", "patchcore", "winclip"};
  EXPECT_EQ(nearest_name("pachcore", names), "patchcore");
  EXPECT_EQ(nearest_name("padin", names), "padim");
  EXPECT_EQ(nearest_name("zzzzzzzz", names), std::nullopt);
  EXPECT_EQ(nearest_name("x", {}), std::nullopt);
}

TEST(DidYouMean, ListsFewNamesOnly) {
  EXPECT_EQ(did_you_mean("padin", {"padim", "winclip"}), "Did you mean 'padim'? Valid: padim, winclip.");
  EXPECT_EQ(did_you_mean("zzzz", {"padim"}), "Valid: padim.");
  EXPECT_EQ(did_you_mean("zzzz", {}), "");
  std::vector<std::string> many;
  for (int i = 0; i < 30; ++i) many.push_back("name" + std::to_string(i));
  EXPECT_EQ(did_you_mean("nam7", many), "Did you mean 'name7'?");
}

}  // namespace
}  // namespace normadd::core
