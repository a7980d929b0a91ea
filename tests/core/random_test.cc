// SPDX-License-Identifier: Apache-2.0
#include "core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace normadd::core {
namespace {

TEST(RandomStream, GeneratorMatchesTheReference) {
  // First outputs of xoshiro256** from the state 1, 2, 3, 4, as in the authors' C code.
  RandomStream random(0, "");
  random.restore({1, 2, 3, 4});
  EXPECT_EQ(random.bits(), 11520u);
  EXPECT_EQ(random.bits(), 0u);
  EXPECT_EQ(random.bits(), 1509978240u);
  EXPECT_EQ(random.bits(), 1215971899390074240u);
}

TEST(RandomStream, FirstValuesNeverChange) {
  // Published results depend on these sequences: a change here is a change of every number.
  RandomStream random(42, "coreset/carpet");
  EXPECT_EQ(random.bits(), 8656551787108223416u);
  EXPECT_DOUBLE_EQ(random.uniform(), 0.15318271085733293);
  EXPECT_EQ(random.index(1000), 960u);
  EXPECT_NEAR(random.normal(), 0.62448449982305776, 1e-12);
  std::vector<int> order = {0, 1, 2, 3, 4, 5, 6, 7};
  random.shuffle(order);
  EXPECT_EQ(order, (std::vector<int>{4, 2, 5, 6, 1, 3, 0, 7}));
}

TEST(RandomStream, SeedsAndNamesGiveUnrelatedStreams) {
  const auto correlation = [](RandomStream a, RandomStream b) {
    double sum = 0;
    for (int i = 0; i < 20000; ++i) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5) * 12;
    return sum / 20000;
  };
  // Five standard deviations of the mean.
  EXPECT_LT(std::abs(correlation({1, "a"}, {1, "b"})), 5 / std::sqrt(20000.0));
  EXPECT_LT(std::abs(correlation({1, "a"}, {2, "a"})), 5 / std::sqrt(20000.0));
  EXPECT_NEAR(correlation({1, "a"}, {1, "a"}), 1.0, 0.05);
}

TEST(RandomStream, UniformIsUniform) {
  RandomStream random(3, "uniform");
  std::vector<int> counts(20);
  for (int i = 0; i < 100000; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    ++counts[static_cast<std::size_t>(value * 20)];
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 5000.0) * (count - 5000.0) / 5000.0;
  EXPECT_LT(chi_square, 43.8);  // 99.9 % point at 19 degrees of freedom
}

TEST(RandomStream, IndexIsUnbiasedAndInRange) {
  RandomStream random(4, "index");
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts.at(random.index(7));
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 10000.0) * (count - 10000.0) / 10000.0;
  EXPECT_LT(chi_square, 22.5);  // 99.9 % point at 6 degrees of freedom
  EXPECT_EQ(random.index(1), 0u);
}

TEST(RandomStream, NormalHasItsMoments) {
  RandomStream random(5, "normal");
  constexpr int kCount = 100000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = random.normal();
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  EXPECT_NEAR(sum / kCount, 0.0, 0.02);
  EXPECT_NEAR(squares / kCount, 1.0, 0.03);
  EXPECT_NEAR(fourth / kCount, 3.0, 0.2);
}

TEST(RandomStream, ShufflePermutesAndEveryPlaceIsReached) {
  RandomStream random(6, "shuffle");
  std::vector<int> first_place(5);
  for (int i = 0; i < 5000; ++i) {
    std::vector<int> values(5);
    std::iota(values.begin(), values.end(), 0);
    random.shuffle(values);
    ++first_place[static_cast<std::size_t>(values[0])];
    std::sort(values.begin(), values.end());
    ASSERT_EQ(values, (std::vector<int>{0, 1, 2, 3, 4}));
  }
  for (const int count : first_place) EXPECT_NEAR(count, 1000, 150);
}

TEST(RandomStream, StateGoesOnWhereItStood) {
  RandomStream random(7, "state");
  for (int i = 0; i < 10; ++i) random.normal();
  RandomStream copy(0, "other");
  copy.restore(random.state());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(copy.bits(), random.bits());
}

}  // namespace
}  // namespace normadd::core
