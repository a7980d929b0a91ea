// SPDX-License-Identifier: Apache-2.0
#include "normality/clip_normality_detector.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "networks/preprocessing.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::normality {
namespace {

constexpr double kTemperature = 12;

std::shared_ptr<const networks::Clip> tiny_clip() {
  networks::ClipConfig config;
  config.embedding = 8;
  config.image_px = 32;
  config.patch_px = 8;
  config.vision = {16, 3, 2, 32};
  config.text = {16, 1, 2, 32};
  config.context = 24;
  config.preprocessing = networks::Preprocessing::clip(32, networks::ResizeMode::kSquash);
  return std::make_shared<networks::Clip>(
      networks::Clip::random(config, networks::Tokenizer::from_merges({{"a", "b"}}), 3));
}

std::vector<imaging::Image> noise(std::size_t count, int height = 40, int width = 30) {
  core::RandomStream random(5, "clip normality test");
  std::vector<imaging::Image> images(count, imaging::Image(height, width, 3));
  for (auto& image : images) {
    for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random.index(256));
  }
  return images;
}

std::vector<TextPair> text_pairs() {
  return {{"thread", {"a thread", "the fibre", "some yarn"}, {"nothing", "plain"}},
          {"hole", {"a hole"}, {"nothing", "plain"}},
          {"stain", {"blot", "a thread"}, {"clean", "nothing", "fine"}}};
}

ClipNormalityOptions raw_options() {
  ClipNormalityOptions options;
  options.taps = {1, 3};
  options.temperature = kTemperature;
  return options;
}

/// As the paper writes it, in double, one text and one pixel at a time: no cache, no difference of directions, both
/// logits upsampled, softmax over two.
class Twin {
 public:
  Twin(const networks::Clip& clip, const networks::DenseLayers* layers) : clip_(clip), layers_(layers) {}

  std::vector<double> map(const imaging::Image& image, const TextPair& pair, const std::vector<int>& taps,
                          int side) const {
    const at::Tensor pixels = networks::preprocess(std::span(&image, 1), clip_.preprocessing());
    const auto tokens = clip_.encode_image(pixels, taps).patches;
    const at::Tensor positive = ensemble(pair.positive), negative = ensemble(pair.negative);
    std::vector<double> mean(static_cast<std::size_t>(side) * side, 0.0);
    for (std::size_t tap = 0; tap < taps.size(); ++tap) {
      const at::Tensor joint = joint_space(tap, tokens[tap]);
      const auto shows = upsampled(joint, positive, side), shows_not = upsampled(joint, negative, side);
      for (std::size_t i = 0; i < mean.size(); ++i) {
        const double a = std::exp(shows[i]), b = std::exp(shows_not[i]);
        mean[i] += a / (a + b) / static_cast<double>(taps.size());
      }
    }
    return mean;
  }

 private:
  at::Tensor ensemble(const std::vector<std::string>& texts) const {
    at::Tensor sum = at::zeros({clip_.config().embedding}, at::kDouble);
    for (const auto& text : texts) {
      const at::Tensor x = clip_.encode_text(clip_.tokenize({text}))[0].to(at::kDouble);
      sum = sum + x / x.norm();
    }
    return sum / sum.norm();
  }

  at::Tensor joint_space(std::size_t tap, const at::Tensor& tokens) const {
    if (layers_ == nullptr) return clip_.project_tokens(tokens)[0].to(at::kDouble);
    const std::string name = "fc." + std::to_string(tap);
    const at::Tensor weight = layers_->weights.at(name + ".weight"), bias = layers_->weights.at(name + ".bias");
    return (at::matmul(tokens[0], weight.t()) + bias).to(at::kDouble);
  }

  /// align_corners = true: output pixel i lies at i (grid - 1) / (side - 1).
  std::vector<double> upsampled(const at::Tensor& joint, const at::Tensor& direction, int side) const {
    const int grid = clip_.config().grid();
    std::vector<double> logits;
    for (int n = 0; n < grid * grid; ++n)
      logits.push_back(kTemperature * (joint[n] / joint[n].norm()).dot(direction).item<double>());
    const auto blend = [&](int i) {
      const double at = static_cast<double>(i) * (grid - 1) / (side - 1);
      const int low = std::min(static_cast<int>(at), grid - 2);
      return std::pair{low, at - low};
    };
    std::vector<double> map;
    for (int y = 0; y < side; ++y) {
      const auto [row, down] = blend(y);
      for (int x = 0; x < side; ++x) {
        const auto [column, right] = blend(x);
        const auto at = [&](int r, int c) { return logits[static_cast<std::size_t>(r * grid + c)]; };
        map.push_back((1 - down) * ((1 - right) * at(row, column) + right * at(row, column + 1)) +
                      down * ((1 - right) * at(row + 1, column) + right * at(row + 1, column + 1)));
      }
    }
    return map;
  }

  const networks::Clip& clip_;
  const networks::DenseLayers* layers_;
};

void expect_twin(const ClipNormalityOptions& options, const networks::DenseLayers* layers, int side) {
  const auto clip = tiny_clip();
  ClipNormalityDetector detector(options, clip);
  const auto pairs = text_pairs();
  detector.encode(pairs);
  const auto images = noise(2);
  const auto suppressions = detector.suppress(images);
  ASSERT_EQ(suppressions.size(), images.size());
  const Twin twin(*clip, layers);
  double spread = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    ASSERT_EQ(suppressions[i].maps.size(), pairs.size());
    EXPECT_EQ(suppressions[i].geometry, imaging::Geometry::squash({40, 30}, {32, 32}));
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const auto expected = twin.map(images[i], pairs[p], {1, 3}, side);
      const imaging::Map& map = suppressions[i].maps[p];
      ASSERT_EQ(map.size(), (imaging::Size{side, side}));
      for (std::size_t n = 0; n < expected.size(); ++n) ASSERT_NEAR(map.values[n], expected[n], 2e-5) << pairs[p].key;
      const auto [low, high] = std::ranges::minmax(expected);
      spread = std::max(spread, high - low);
    }
  }
  EXPECT_GT(spread, 0.05) << "the comparison would not see a wrong map";
}

TEST(ClipNormality, RawTokensEqualTheBruteForceTwin) { expect_twin(raw_options(), nullptr, 32); }

TEST(ClipNormality, DenseLayersEqualTheBruteForceTwinAtAnotherMapSize) {
  const test::TemporaryDirectory directory;
  const auto layers = networks::DenseLayers::random(tiny_clip()->config(), {1, 3}, kTemperature, 9);
  layers.save(directory / "layers.safetensors");
  ClipNormalityOptions options;
  options.dense_layers = (directory / "layers.safetensors").string();
  options.map_px = 21;
  expect_twin(options, &layers, 21);
}

TEST(ClipNormality, OnePassPerImageWhateverTheNumberOfPairs) {
  ClipNormalityDetector detector(raw_options(), tiny_clip());
  auto pairs = text_pairs();
  detector.encode(std::span(pairs).first(1));
  (void)detector.suppress(noise(3));
  EXPECT_EQ(detector.image_passes(), 3u);
  for (int i = 0; i < 12; ++i) pairs.push_back(TextPair(pairs[static_cast<std::size_t>(i)]));
  detector.encode(pairs);
  EXPECT_EQ(detector.suppress(noise(3))[0].maps.size(), 15u);
  EXPECT_EQ(detector.image_passes(), 6u);
}

TEST(ClipNormality, AMapDependsOnItsOwnPairAndImageOnly) {
  ClipNormalityDetector detector(raw_options(), tiny_clip());
  auto pairs = text_pairs();
  const auto images = noise(3);
  detector.encode(pairs);
  const auto together = detector.suppress(images);
  std::ranges::reverse(pairs);
  std::ranges::reverse(pairs[0].positive);
  detector.encode(pairs);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto alone = detector.suppress(std::span(&images[i], 1));
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const auto& a = together[i].maps[p].values;
      const auto& b = alone[0].maps[pairs.size() - 1 - p].values;
      for (std::size_t n = 0; n < a.size(); ++n) ASSERT_NEAR(a[n], b[n], 1e-5);
    }
  }
}

TEST(ClipNormality, SwappingTheTextsTurnsTheMapOver) {
  ClipNormalityDetector detector(raw_options(), tiny_clip());
  const TextPair pair = text_pairs()[0], swapped{"swapped", pair.negative, pair.positive},
                 same{"same", pair.positive, pair.positive};
  detector.encode(std::vector{pair, swapped, same});
  const auto maps = detector.suppress(noise(1))[0].maps;
  for (std::size_t n = 0; n < maps[0].values.size(); ++n) {
    EXPECT_NEAR(maps[0].values[n] + maps[1].values[n], 1.0, 1e-5);
    EXPECT_NEAR(maps[2].values[n], 0.5, 1e-6);
  }
}

TEST(ClipNormality, WhatFollowsTheProbabilityKeepsItsRange) {
  const auto maps_with = [](const auto& change) {
    ClipNormalityOptions options = raw_options();
    change(options);
    ClipNormalityDetector detector(options, tiny_clip());
    detector.encode(text_pairs());
    return detector.suppress(noise(1))[0].maps;
  };
  const auto plain = maps_with([](ClipNormalityOptions&) {});
  const auto wide = maps_with([](ClipNormalityOptions& options) { options.sup_dilate_px = 2; });
  const auto blurred = maps_with([](ClipNormalityOptions& options) { options.sup_blur_sigma_px = 2; });
  const auto stretched = maps_with([](ClipNormalityOptions& options) { options.scaling = "per_image_minmax"; });
  for (std::size_t p = 0; p < plain.size(); ++p) {
    const auto [low, high] = std::ranges::minmax(plain[p].values);
    EXPECT_GT(low, 0.0f);
    EXPECT_LT(high, 1.0f);
    EXPECT_EQ(std::ranges::min(stretched[p].values), 0.0f);
    EXPECT_EQ(std::ranges::max(stretched[p].values), 1.0f);
    EXPECT_GT(std::ranges::min(blurred[p].values), low);
    EXPECT_LT(std::ranges::max(blurred[p].values), high);
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 32; ++x) {
        float largest = 0;
        for (int v = std::max(0, y - 2); v <= std::min(31, y + 2); ++v) {
          for (int u = std::max(0, x - 2); u <= std::min(31, x + 2); ++u)
            largest = std::max(largest, plain[p].row(v)[u]);
        }
        ASSERT_EQ(wide[p].row(y)[x], largest) << x << ", " << y;
      }
    }
  }
}

TEST(ClipNormality, TextsThatAreTooLongAreQuotedEachTime) {
  ClipNormalityDetector detector(raw_options(), tiny_clip());
  auto pairs = text_pairs();
  const std::string text = "an endless description of a thread";
  pairs[1].positive.push_back(text);
  // Twice: a text whose encoding failed must not count as known afterwards.
  for (int i = 0; i < 2; ++i) test::expect_error<core::ConfigError>([&] { detector.encode(pairs); }, {text, "24"});
  ClipNormalityOptions cutting = raw_options();
  cutting.truncate_texts = true;
  ClipNormalityDetector tolerant(cutting, tiny_clip());
  tolerant.encode(pairs);
  EXPECT_EQ(tolerant.suppress(noise(1))[0].maps.size(), 3u);
}

TEST(ClipNormality, SettingsThatDoNotFitTheModelAreNamed) {
  const auto make = [](ClipNormalityOptions options) { ClipNormalityDetector(std::move(options), tiny_clip()); };
  ClipNormalityOptions options = raw_options();
  options.taps = {1, 4};
  test::expect_error<core::ConfigError>([&] { make(options); }, {"block 4", "normality.taps", "1 to 3"});
  for (const std::vector<int>& disorderly : {std::vector<int>{3, 1}, {2, 2}}) {
    options.taps = disorderly;
    test::expect_error<core::ConfigError>([&] { make(options); }, {"normality.taps", "ascending"});
  }
  options.taps = {};
  test::expect_error<core::ConfigError>([&] { make(options); }, {"taps", "temperature"});
  options = raw_options();
  options.temperature.reset();
  test::expect_error<core::ConfigError>([&] { make(options); }, {"taps", "temperature"});

  const test::TemporaryDirectory directory;
  networks::DenseLayers::random(tiny_clip()->config(), {1, 3}, 30, 1).save(directory / "layers.safetensors");
  options.dense_layers = (directory / "layers.safetensors").string();
  options.taps = {1, 2};
  test::expect_error<core::ConfigError>([&] { make(options); }, {"normality.taps", "1, 3"});
  networks::ClipConfig other = tiny_clip()->config();
  other.embedding = 12;
  networks::DenseLayers::random(other, {1, 3}, 30, 1).save(directory / "other.safetensors");
  options.taps = {};
  options.dense_layers = (directory / "other.safetensors").string();
  test::expect_error<core::WeightsError>([&] { make(options); }, {"other.safetensors", "12x16", "8x16"});
  options.dense_layers = (directory / "none.safetensors").string();
  test::expect_error<core::WeightsError>([&] { make(options); }, {"none.safetensors"});
}

}  // namespace
}  // namespace normadd::normality
