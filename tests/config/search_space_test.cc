// SPDX-License-Identifier: Apache-2.0
#include "config/search_space.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::config {
namespace {

SearchSpace space_of(const std::vector<std::string>& overrides) {
  return search_space(overrides, ConfigFiles({test::golden("config/trees/basic")}));
}

using Kind = SearchDimension::Kind;

TEST(SearchSpace, EveryKindOfDimension) {
  const auto space = space_of({"a=interval(0,1)", "b=int(interval(1,5))", "c=tag(log, interval(1e-4,1))", "d=x,y",
                               "e=range(0,1,0.25)", "db=glob(m*)", "name=fixed", "f=int(tag(log,interval(1,100)))"});
  ASSERT_EQ(space.dimensions.size(), 7u);
  EXPECT_EQ(space.fixed, std::vector<std::string>{"name=fixed"});
  EXPECT_EQ(space.dimensions[0].kind, Kind::kFloat);
  EXPECT_EQ(space.dimensions[1].kind, Kind::kInteger);
  EXPECT_TRUE(space.dimensions[2].is_logarithmic);
  EXPECT_EQ(space.dimensions[3].choices, (std::vector<Value>{"x", "y"}));
  EXPECT_EQ(space.dimensions[4].high, 0.75);
  EXPECT_EQ(space.dimensions[4].step, 0.25);
  EXPECT_EQ(space.dimensions[5].choices, (std::vector<Value>{"mysql"}));
  EXPECT_TRUE(space.dimensions[6].is_logarithmic);
  EXPECT_EQ(space.dimensions[6].kind, Kind::kInteger);
  const auto json = nlohmann::json::parse(optuna_distributions(space));
  EXPECT_EQ(json["a"]["name"], "FloatDistribution");
  EXPECT_EQ(json["b"]["attributes"]["high"], 5);
  EXPECT_EQ(json["d"]["attributes"]["choices"], (nlohmann::json{"x", "y"}));
}

TEST(SearchSpace, ImpossibleIntervalsAreRefused) {
  for (const char* text : {"a=interval(1,0)", "a=interval(1)", "a=interval(x,2)", "a=tag(log,interval(0,1))",
                           "a=int(interval(0.2,0.8))", "a=interval(1,2,3)"}) {
    test::expect_error<core::ConfigError>([&] { space_of({text}); }, {text});
  }
}

TEST(SearchSpace, DrawsStayInsideAndReachEverything) {
  const auto space = space_of(
      {"a=interval(2,3)", "b=int(interval(1,4))", "c=tag(log,interval(1e-4,1))", "d=x,y,z", "e=range(0,1,0.25)"});
  core::RandomStream random(3, "test");
  std::map<std::string, std::map<std::string, int>> seen;
  int num_small = 0;
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const double a = draw(space.dimensions[0], random).as_float();
    EXPECT_TRUE(a >= 2 && a <= 3);
    ++seen["b"][short_text(draw(space.dimensions[1], random))];
    const double c = draw(space.dimensions[2], random).as_float();
    EXPECT_TRUE(c >= 1e-4 && c <= 1);
    num_small += c < 1e-2;
    ++seen["d"][short_text(draw(space.dimensions[3], random))];
    ++seen["e"][space.dimensions[4].override_with(draw(space.dimensions[4], random))];
  }
  // Half of a logarithmic scale of four decades lies below 1e-2; every discrete value is equally likely.
  EXPECT_NEAR(num_small / double{kDraws}, 0.5, 0.04);
  EXPECT_EQ(seen["b"].size(), 4u);
  EXPECT_EQ(seen["d"].size(), 3u);
  EXPECT_EQ(seen["e"].size(), 4u);
  for (const auto& [name, values] : seen) {
    for (const auto& [value, count] : values) {
      EXPECT_NEAR(count / double{kDraws}, 1.0 / static_cast<double>(values.size()), 0.04) << name << value;
    }
  }
}

}  // namespace
}  // namespace normadd::config
