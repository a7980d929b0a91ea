// SPDX-License-Identifier: Apache-2.0
#include "normality/fusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "metrics/roc.h"
#include "normality/controls.h"
#include "support/expect_error.h"

namespace normadd::normality {
namespace {

imaging::Map random_map(core::RandomStream& random, double high, int side = 9) {
  imaging::Map map(side, side);
  for (float& value : map.values) value = static_cast<float>(random.uniform(0, high));
  return map;
}

FusionOptions rule(const std::string& name) {
  FusionOptions options;
  options.rule = name;
  return options;
}

TEST(Fusion, NoRuleRaisesAMapOrMakesItNegative) {
  core::RandomStream random(1, "fusion test");
  for (const auto* name : {"none", "product", "power", "threshold", "subtract"}) {
    for (int trial = 0; trial < 20; ++trial) {
      FusionOptions options = rule(name);
      options.lambda = random.uniform();
      options.gamma = random.uniform(0, 3);
      options.threshold = random.uniform();
      const imaging::Map anomaly = random_map(random, 7), suppression = random_map(random, 1);
      const imaging::Map fused = fuse(anomaly, suppression, options, 2.0);
      for (std::size_t i = 0; i < fused.values.size(); ++i) {
        EXPECT_LE(fused.values[i], anomaly.values[i]) << name;
        EXPECT_GE(fused.values[i], 0.0f) << name;
      }
    }
  }
}

TEST(Fusion, ProductIsThePapersFormula) {
  imaging::Map anomaly(1, 3), suppression(1, 3);
  anomaly.values = {4.0f, 2.0f, 8.0f};
  suppression.values = {0.0f, 1.0f, 0.25f};
  EXPECT_EQ(fuse(anomaly, suppression, rule("product"), 1).values, (std::vector<float>{4.0f, 0.0f, 6.0f}));
}

TEST(Fusion, SettingsThatMeanNothingLeaveTheMap) {
  core::RandomStream random(2, "fusion test");
  const imaging::Map anomaly = random_map(random, 7), suppression = random_map(random, 1);
  FusionOptions product = rule("product"), power = rule("power"), threshold = rule("threshold"),
                subtract = rule("subtract");
  product.lambda = subtract.lambda = power.gamma = 0;
  threshold.threshold = 1;
  for (const auto& options : {rule("none"), product, power, threshold, subtract})
    EXPECT_EQ(fuse(anomaly, suppression, options, 3).values, anomaly.values) << options.rule;
}

TEST(Fusion, PowerOfOneIsTheProduct) {
  core::RandomStream random(3, "fusion test");
  const imaging::Map anomaly = random_map(random, 7), suppression = random_map(random, 1);
  EXPECT_EQ(fuse(anomaly, suppression, rule("power"), 1).values, fuse(anomaly, suppression, rule("product"), 1).values);
}

TEST(Fusion, StrongerSettingsSuppressMore) {
  core::RandomStream random(4, "fusion test");
  const imaging::Map anomaly = random_map(random, 7), suppression = random_map(random, 1);
  const auto compare = [&](const FusionOptions& weak, const FusionOptions& strong) {
    const imaging::Map more = fuse(anomaly, suppression, weak, 2), less = fuse(anomaly, suppression, strong, 2);
    double difference = 0;
    for (std::size_t i = 0; i < more.values.size(); ++i) {
      EXPECT_GE(more.values[i], less.values[i]) << weak.rule;
      difference += more.values[i] - less.values[i];
    }
    EXPECT_GT(difference, 0) << weak.rule;
  };
  for (const double step : {0.2, 0.5, 0.8}) {
    for (const auto* name : {"product", "subtract"}) {
      FusionOptions weak = rule(name), strong = rule(name);
      weak.lambda = step - 0.2;
      strong.lambda = step;
      compare(weak, strong);
    }
    FusionOptions weak = rule("power"), strong = rule("power");
    weak.gamma = step;
    strong.gamma = 4 * step;
    compare(weak, strong);
    weak = strong = rule("threshold");
    weak.threshold = step;
    strong.threshold = step - 0.2;
    compare(weak, strong);
  }
}

TEST(Fusion, SubtractMeasuresInTheDetectorsScale) {
  const imaging::Map anomaly(2, 2, 10.0f), suppression(2, 2, 0.5f);
  FusionOptions options = rule("subtract");
  EXPECT_FLOAT_EQ(fuse(anomaly, suppression, options, 4).values[0], 8.0f);
  options.lambda = 0.5;
  EXPECT_FLOAT_EQ(fuse(anomaly, suppression, options, 4).values[0], 9.0f);
  EXPECT_FLOAT_EQ(fuse(anomaly, suppression, options, 400).values[0], 0.0f);
}

// A blurred map of ones came out at 1 + 1e-7, and a fractional power of -1e-7 is NaN.
TEST(Fusion, ALastBitAboveOneIsNeitherNegativeNorNaN) {
  const imaging::Map anomaly(1, 1, 1e6f), suppression(1, 1, std::nextafter(1.0f, 2.0f));
  FusionOptions power = rule("power");
  power.gamma = 2.5;
  EXPECT_EQ(fuse(anomaly, suppression, power, 1).values[0], 0.0f);
  EXPECT_EQ(fuse(anomaly, suppression, rule("product"), 1).values[0], 0.0f);
}

TEST(Fusion, AConstantKeepsTheAurocToTheLastBit) {
  core::RandomStream random(5, "fusion test");
  std::vector<double> before, after;
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < 200; ++i) {
    const imaging::Map anomaly = random_map(random, i % 2 == 0 ? 5.0 : 5.2);
    before.push_back(map_maximum(anomaly));
    after.push_back(map_maximum(fuse(anomaly, imaging::Map(9, 9, 0.5f), rule("product"), 1)));
    labels.push_back(static_cast<std::uint8_t>(i % 2));
  }
  EXPECT_EQ(metrics::image_auroc(before, labels), metrics::image_auroc(after, labels));
  EXPECT_NE(before, after);
}

TEST(Fusion, OracleIsZeroInsideTheMaskAndNothingOutside) {
  core::RandomStream random(6, "fusion test");
  const imaging::Map anomaly = random_map(random, 7);
  imaging::Mask mask(9, 9, 1);
  for (auto& pixel : mask.pixels) pixel = random.chance(0.3) ? 1 : 0;
  const imaging::Map fused = fuse(anomaly, map_of_mask(mask), rule("product"), 1);
  for (std::size_t i = 0; i < fused.values.size(); ++i)
    EXPECT_EQ(fused.values[i], mask.pixels[i] != 0 ? 0.0f : anomaly.values[i]);
}

TEST(Fusion, MapsOfDifferentSizesAreABug) {
  test::expect_error<core::InternalError>(
      [] { (void)fuse(imaging::Map(2, 3), imaging::Map(3, 2), FusionOptions{}, 1); }, {"size"});
  test::expect_error<core::InternalError>([] { (void)map_maximum(imaging::Map()); }, {"empty"});
}

TEST(Fusion, OptionsOutsideTheirRangeAreRefused) {
  const auto read = [](const std::string& key, config::Value value) {
    return config::read_options<FusionOptions>(config::Value(config::MapEntries{{key, std::move(value)}}), "fusion");
  };
  test::expect_error<core::ConfigError>([&] { read("rule", "prodcut"); }, {"fusion.rule", "product"});
  test::expect_error<core::ConfigError>([&] { read("lambda", 1.5); }, {"fusion.lambda", "1.5"});
  test::expect_error<core::ConfigError>([&] { read("gamma", -0.5); }, {"fusion.gamma"});
  test::expect_error<core::ConfigError>([&] { read("threshold", 2.0); }, {"fusion.threshold"});
  test::expect_error<core::ConfigError>([&] { read("lamda", 0.5); }, {"lamda", "lambda"});
  EXPECT_EQ(read("lambda", 0.5).lambda, 0.5);
}

}  // namespace
}  // namespace normadd::normality
