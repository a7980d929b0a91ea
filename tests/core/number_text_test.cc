// SPDX-License-Identifier: Apache-2.0
#include "core/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>

#include "core/random.h"

namespace normadd::core {
namespace {

TEST(NumberText, KnownTexts) {
  EXPECT_EQ(shortest_text(0.1), "0.1");
  EXPECT_EQ(shortest_text(2.0), "2");
  EXPECT_EQ(shortest_text(-0.0), "-0");
  EXPECT_EQ(shortest_text(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(shortest_text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(yaml_float_text(2.0), "2.0");
  EXPECT_EQ(yaml_float_text(1e-5), "1.0e-05");
  EXPECT_EQ(yaml_float_text(1.5e300), "1.5e+300");
  EXPECT_EQ(yaml_float_text(std::numeric_limits<double>::infinity()), ".inf");
  EXPECT_EQ(yaml_float_text(std::numeric_limits<double>::quiet_NaN()), ".nan");
}

TEST(NumberText, ReadsBackTheSameBits) {
  RandomStream random(2, "number text");
  // What every YAML 1.1 reader takes for a float: a dot, and a sign in the exponent.
  const std::regex yaml_float(R"(-?[0-9]+\.[0-9]+(e[-+][0-9]+)?)");
  for (int i = 0; i < 20000; ++i) {
    const auto value = std::bit_cast<double>(random.bits());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(std::strtod(shortest_text(value).c_str(), nullptr), value);
    ASSERT_EQ(std::strtod(yaml_float_text(value).c_str(), nullptr), value);
    if (i < 2000) {
      ASSERT_TRUE(std::regex_match(yaml_float_text(value), yaml_float)) << yaml_float_text(value);
    }
  }
}

}  // namespace
}  // namespace normadd::core
