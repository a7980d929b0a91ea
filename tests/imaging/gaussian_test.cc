// SPDX-License-Identifier: Apache-2.0
// The blur against SciPy (tests/golden/imaging/make_imaging_goldens.py).
#include "imaging/gaussian.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "formula_picture.h"
#include "golden_reader.h"

namespace normadd::imaging {
namespace {

TEST(Gaussian, EqualsScipyAlsoWhereTheMapIsNarrowerThanTheKernel) {
  test::GoldenReader reader("gaussian.bin");
  int cases = 0;
  for (; reader.has_more(); ++cases) {
    const int height = reader.next<std::int32_t>();
    const int width = reader.next<std::int32_t>();
    const double sigma = reader.next<double>();
    const Border border = reader.next<std::int32_t>() != 0 ? Border::kReflect101 : Border::kReflect;
    const Map expected = reader.next_map();
    const Map out = gaussian_blur(test::formula_map({height, width}), sigma, border);
    EXPECT_LE(test::largest_difference(out, expected), 1e-6) << height << "x" << width << " sigma " << sigma;
  }
  EXPECT_EQ(cases, 6);
}

TEST(Gaussian, ReflectingKeepsTheSum) {
  Map map(20, 33);
  map.row(0)[0] = 3.0f;
  map.row(19)[20] = 2.0f;
  const Map out = gaussian_blur(map, 4.0);
  double sum = 0;
  for (const float value : out.values) sum += value;
  EXPECT_NEAR(sum, 5.0, 1e-5);
}

TEST(Gaussian, ReachesExactlySixteenPixelsForSigmaFour) {
  Map map(1, 101);
  map.row(0)[50] = 1.0f;
  const Map out = gaussian_blur(map, 4.0);
  EXPECT_GT(out.row(0)[50 - 16], 0.0f);
  EXPECT_GT(out.row(0)[50 + 16], 0.0f);
  EXPECT_EQ(out.row(0)[50 - 17], 0.0f);
  EXPECT_EQ(out.row(0)[50 + 17], 0.0f);
}

TEST(Gaussian, ExtremeSigmasAreHarmless) {
  Map map(5, 7);
  for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] = static_cast<float>(i % 5);
  EXPECT_EQ(gaussian_blur(map, 1e-170).values, map.values);
  EXPECT_EQ(gaussian_blur(map, 0.1).values, map.values);
  const Map flat = gaussian_blur(map, kLargestSigma);
  for (const float value : flat.values) EXPECT_NEAR(value, flat.values[0], 1e-3);
  EXPECT_THROW(gaussian_blur(map, std::numeric_limits<double>::infinity()), core::InternalError);
}

}  // namespace
}  // namespace normadd::imaging
