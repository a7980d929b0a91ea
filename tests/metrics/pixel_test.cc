// SPDX-License-Identifier: Apache-2.0
#include "metrics/pixel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/random.h"
#include "metrics/roc.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::metrics {
namespace {

TEST(PixelAuroc, EqualsScikitLearnHoweverTheImagesAreCut) {
  const auto cases = nlohmann::json::parse(core::read_file(test::golden("metrics/ranking.json")));
  for (const auto& one : cases) {
    const auto scores = one["scores"].get<std::vector<float>>();
    const auto labels = one["labels"].get<std::vector<std::uint8_t>>();
    for (const std::size_t step : {scores.size(), std::size_t{7}}) {
      PixelAuroc pixels;
      for (std::size_t at = 0; at < scores.size(); at += step) {
        const std::size_t count = std::min(step, scores.size() - at);
        pixels.add(std::span(scores).subspan(at, count), std::span(labels).subspan(at, count));
      }
      EXPECT_NEAR(pixels.value(), one["auroc"].get<double>(), 1e-12) << one["name"];
    }
  }
}

TEST(PixelAuroc, EqualsTheImageMetricOnManyTiedPixels) {
  core::RandomStream random(3, "pixels");
  PixelAuroc pixels;
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
  for (int image = 0; image < 20; ++image) {
    std::vector<float> map(2500);
    std::vector<std::uint8_t> mask(2500);
    for (std::size_t i = 0; i < map.size(); ++i) {
      map[i] = static_cast<float>(random.index(300)) / 7.0f;
      mask[i] = random.chance(0.03) ? 1 : 0;
    }
    pixels.add(map, mask);
    scores.insert(scores.end(), map.begin(), map.end());
    labels.insert(labels.end(), mask.begin(), mask.end());
  }
  EXPECT_EQ(pixels.num_positive() + pixels.num_negative(), 50000u);
  EXPECT_NEAR(pixels.value(), image_auroc(scores, labels), 1e-12);
}

TEST(PixelAuroc, IsUndefinedUntilBothClassesWereSeen) {
  PixelAuroc pixels;
  EXPECT_TRUE(std::isnan(pixels.value()));
  pixels.add(std::vector<float>{1, 2}, std::vector<std::uint8_t>{0, 0});
  EXPECT_TRUE(std::isnan(pixels.value()));
  pixels.add(std::vector<float>{3}, std::vector<std::uint8_t>{255});
  EXPECT_EQ(pixels.value(), 1.0);
}

TEST(PixelAuroc, RefusesMapsThatDoNotFit) {
  PixelAuroc pixels;
  test::expect_error<core::DataError>(
      [&] {
        pixels.add(std::vector<float>{1}, std::vector<std::uint8_t>{0, 1});
      },
      {"differ in size"});
  test::expect_error<core::DataError>(
      [&] { pixels.add(std::vector<float>{std::numeric_limits<float>::quiet_NaN()}, std::vector<std::uint8_t>{0}); },
      {"finite"});
}

TEST(BinnedPixelAuroc, IsCloseToTheExactOneAndScaleFree) {
  core::RandomStream random(5, "binned");
  PixelAuroc exact;
  BinnedPixelAuroc binned, halved;
  for (int image = 0; image < 8; ++image) {
    std::vector<float> map(4000), half(4000);
    std::vector<std::uint8_t> mask(map.size());
    for (std::size_t i = 0; i < map.size(); ++i) {
      mask[i] = i % 17 == 0 ? 1 : 0;
      map[i] = static_cast<float>(std::exp(random.normal()) * (mask[i] != 0 ? 2 : 1));
      half[i] = 0.5f * map[i];
    }
    exact.add(map, mask);
    binned.add(map, mask);
    halved.add(half, mask);
  }
  EXPECT_EQ(binned.num_positive(), exact.num_positive());
  EXPECT_EQ(binned.num_negative(), exact.num_negative());
  EXPECT_NEAR(binned.value(), exact.value(), 2e-6);
  EXPECT_EQ(binned.value(), halved.value());
}

TEST(BinnedPixelAuroc, ChangesSmoothlyWhereAScoreCrossesIntoTheNextBin) {
  // 1 begins a bin, whose neighbours are full of normal pixels.
  std::vector<float> map;
  for (int i = 0; i < 2000; ++i) map.push_back(0.998f + 0.004f * static_cast<float>(i) / 2000);
  map.push_back(0);
  std::vector<std::uint8_t> mask(map.size(), 0);
  mask.back() = 1;
  const auto auroc_with = [&](float anomalous) {
    map.back() = anomalous;
    BinnedPixelAuroc pixels;
    pixels.add(map, mask);
    return pixels.value();
  };
  EXPECT_NEAR(auroc_with(std::nextafter(1.0f, 0.0f)), auroc_with(1.0f), 1e-3);
  EXPECT_NEAR(auroc_with(1.0f), 0.5, 1e-3);
}

TEST(BinnedPixelAuroc, OrdersNegativeZeroAndTinyScores) {
  BinnedPixelAuroc pixels;
  const std::vector<float> map{-2.0f, -1.0f, -0.0f, 0.0f, 1e-38f, 3.0f};
  const std::vector<std::uint8_t> mask{0, 1, 0, 1, 0, 1};
  pixels.add(map, mask);
  // Wins of -1: 1; of 0: 1 and a tie; of 3: 3.
  EXPECT_DOUBLE_EQ(pixels.value(), 5.5 / 9.0);
}

TEST(BinnedPixelAuroc, RefusesWhatTheExactOneRefuses) {
  BinnedPixelAuroc pixels;
  EXPECT_TRUE(std::isnan(pixels.value()));
  const std::vector<float> bad{std::numeric_limits<float>::infinity()};
  const std::vector<std::uint8_t> mask{1};
  test::expect_error<core::DataError>([&] { pixels.add(bad, mask); }, {"finite"});
}

}  // namespace
}  // namespace normadd::metrics
