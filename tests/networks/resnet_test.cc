// SPDX-License-Identifier: Apache-2.0
#include "networks/resnet.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/hashing.h"
#include "networks/formula_weights.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

using core::ConfigError;
using core::WeightsError;
using test::expect_error;

const std::vector<std::string> kAllTaps{"layer1", "layer2", "layer3", "layer4"};
const Preprocessing kPreprocessing = Preprocessing::imagenet(256, 224);

/// Largest difference, relative to the root mean square of the expected map.
double relative_difference(const at::Tensor& found, const at::Tensor& expected) {
  return ((found - expected).abs().max() / expected.square().mean().sqrt()).item<double>();
}

void expect_golden(const FeatureExtractor& extractor, const nlohmann::json& golden, const std::string& net) {
  const at::Tensor images = formula_tensor("images", golden["images"].get<std::vector<std::int64_t>>(), -2, 2);
  const auto maps = extractor.features(images);
  for (const auto& [library, taps] : golden["nets"][net].items()) {
    for (std::size_t tap = 0; tap < kAllTaps.size(); ++tap) {
      const auto& expected = taps[kAllTaps[tap]];
      ASSERT_EQ(maps[tap].sizes().vec(), expected["shape"].get<std::vector<std::int64_t>>()) << net << " " << library;
      const double root_mean_square = expected["root_mean_square"];
      EXPECT_NEAR(maps[tap].to(at::kDouble).square().mean().sqrt().item<double>() / root_mean_square, 1.0, 1e-4);
      const float* const values = maps[tap].data_ptr<float>();
      const auto samples = expected["values"].get<std::vector<double>>();
      ASSERT_EQ(samples.size(), 200u);
      double worst = 0;
      for (std::size_t i = 0; i < samples.size(); ++i) {
        worst = std::max(worst, std::abs(values[i * 7919 % maps[tap].numel()] - samples[i]));
      }
      EXPECT_LE(worst / root_mean_square, 1e-4) << net << " " << library << " " << kAllTaps[tap];
    }
  }
}

nlohmann::json read_golden() { return nlohmann::json::parse(core::read_file(test::golden("networks/resnet.json"))); }

class ResNetFullWidth : public ::testing::TestWithParam<const char*> {};

TEST_P(ResNetFullWidth, MapsEqualTorchvisionAndTimm) {
  const std::string name = GetParam();
  const auto golden = read_golden();
  ASSERT_EQ(golden["nets"][name].size(), 2u);
  const TensorMap weights = formula_resnet(resnet_architecture(name, WeightSource(TensorMap{}, "formula"), 4));
  expect_golden(*make_resnet(name, weights, "formula", kAllTaps, kPreprocessing), golden, name);
}

INSTANTIATE_TEST_SUITE_P(Networks, ResNetFullWidth, ::testing::Values("resnet18", "resnet50", "wide_resnet50_2"));

class ResNetTest : public ::testing::Test {
 protected:
  std::unique_ptr<FeatureExtractor> load(const TensorMap& weights, const std::vector<std::string>& taps,
                                         const std::string& name = "micro_resnet") {
    write_safetensors(path_, weights);
    return load_resnet(name, path_, taps, kPreprocessing);
  }

  void expect_refused(const TensorMap& weights, std::vector<std::string> mentions,
                      const std::string& name = "micro_resnet") {
    mentions.push_back(path_.string());
    expect_error<WeightsError>([&] { load(weights, {"layer1", "layer2", "layer3"}, name); }, mentions);
  }

  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "model.safetensors";
  TensorMap weights_ = formula_resnet(tiny_architecture());
  at::Tensor images_ = formula_tensor("images", {3, 3, 40, 56}, -2, 2);
};

TEST_F(ResNetTest, WidthsAndDepthsAreReadFromTheFile) {
  const auto golden = read_golden();
  const ResNetArchitecture basic{BlockKind::kBasic, 64, {{2, 16, 16}, {1, 32, 32}, {3, 48, 48}, {2, 64, 64}}};
  expect_golden(*load(formula_resnet(basic), kAllTaps), golden, "narrow_basic");
  const ResNetArchitecture bottleneck{
      BlockKind::kBottleneck, 64, {{1, 24, 64}, {2, 48, 128}, {2, 72, 192}, {1, 96, 256}}};
  expect_golden(*load(formula_resnet(bottleneck), kAllTaps), golden, "narrow_bottleneck");
}

TEST_F(ResNetTest, TapsComeInTheOrderAskedForAndDeeperLayersAreNotNeeded) {
  const auto all = load(weights_, {"layer1", "layer2", "layer3"})->features(images_);
  for (auto position = weights_.begin(); position != weights_.end();) {
    const bool drop = position->first.starts_with("layer3.") || position->first.ends_with("num_batches_tracked");
    position = drop ? weights_.erase(position) : std::next(position);
  }
  const auto extractor = load(weights_, {"layer2", "layer1"});
  const auto some = extractor->features(images_);
  ASSERT_EQ(some.size(), 2u);
  EXPECT_TRUE(some[0].equal(all[1]));
  EXPECT_TRUE(some[1].equal(all[0]));
  EXPECT_EQ(extractor->channels(), (std::vector<int>{16, 8}));
  EXPECT_TRUE(some[0].is_contiguous());
  EXPECT_FALSE(some[0].requires_grad());
}

TEST_F(ResNetTest, WrapperPrefixesAndAClassifierAreAccepted) {
  const auto expected = load(weights_, {"layer3"})->features(images_);
  TensorMap wrapped{{"module.fc.weight", at::zeros({5, 24})}, {"module.fc.bias", at::zeros({5})}};
  for (const auto& [name, tensor] : weights_) wrapped["module." + name] = tensor;
  EXPECT_TRUE(load(wrapped, {"layer3"})->features(images_)[0].equal(expected[0]));
}

TEST_F(ResNetTest, IdentityNormsLeaveTheConvolutionsAlone) {
  for (auto& [name, tensor] : weights_) {
    if (name.ends_with("running_var")) tensor.fill_(1.0 - 1e-5);
    if (name.ends_with("running_mean") || name.ends_with("bias")) tensor.zero_();
    if (name.find("bn") != std::string::npos && name.ends_with(".weight")) tensor.fill_(1);
    if (name.ends_with("downsample.1.weight")) tensor.fill_(1);
  }
  const auto block = [&](const at::Tensor& x, const std::string& name, int stride) {
    const auto weight = [&](const std::string& part) { return weights_.at(name + "." + part + ".weight"); };
    at::Tensor y = at::conv2d(x, weight("conv1"), {}, {stride, stride}, {1, 1}).relu();
    y = at::conv2d(y, weight("conv2"), {}, {1, 1}, {1, 1});
    const at::Tensor shortcut = weights_.contains(name + ".downsample.0.weight")
                                    ? at::conv2d(x, weight("downsample.0"), {}, {stride, stride})
                                    : x;
    return (y + shortcut).relu();
  };
  at::Tensor x = at::conv2d(images_, weights_.at("conv1.weight"), {}, {2, 2}, {3, 3}).relu();
  x = block(at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1}), "layer1.0", 1);
  x = block(block(x, "layer2.0", 2), "layer2.1", 1);
  EXPECT_LE(relative_difference(load(weights_, {"layer2"})->features(images_)[0], x), 1e-5);
}

TEST_F(ResNetTest, GridsAndChannelsPredictTheMaps) {
  const auto extractor = load(weights_, {"layer3", "layer1"});
  for (const imaging::Size size : {imaging::Size{40, 56}, {33, 47}, {1, 1}, {224, 224}}) {
    const auto grids = extractor->grids(size);
    const auto maps = extractor->features(at::zeros({1, 3, size.height, size.width}));
    for (std::size_t tap = 0; tap < maps.size(); ++tap) {
      EXPECT_EQ(maps[tap].sizes().vec(),
                (std::vector<std::int64_t>{1, extractor->channels()[tap], grids[tap].height, grids[tap].width}));
    }
  }
}

TEST_F(ResNetTest, FlopsAgreeWithThePublishedMultiplyAdds) {
  // torchvision's model table: 1.81, 4.09 and 11.40 billion multiply-adds at 224 px, classifier included.
  const std::vector<std::pair<std::string, double>> published{
      {"resnet18", 1.81e9}, {"resnet50", 4.09e9}, {"wide_resnet50_2", 11.40e9}};
  for (const auto& [name, multiply_adds] : published) {
    TensorMap zeros;
    for (const auto& layer : formula_resnet(resnet_architecture(name, WeightSource(TensorMap{}, "none"), 4))) {
      zeros[layer.first] = at::zeros({}).expand(layer.second.sizes());
    }
    const auto extractor = make_resnet(name, zeros, "zeros", {"layer4"}, kPreprocessing);
    EXPECT_NEAR(extractor->flops({224, 224}) / (2 * multiply_adds), 1.0, 0.005) << name;
  }
}

TEST_F(ResNetTest, BatchSizeChangesNoBitAndThreadsTheLastOnly) {
  const auto extractor = load(weights_, {"layer1", "layer3"});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one_thread = extractor->features(images_);
  at::set_num_threads(2);
  const auto two_threads = extractor->features(images_);
  for (std::size_t tap = 0; tap < one_thread.size(); ++tap) {
    EXPECT_LE(relative_difference(two_threads[tap], one_thread[tap]), 2e-6);
    for (int i = 0; i < 3; ++i) {
      const auto single = extractor->features(images_.narrow(0, i, 1));
      EXPECT_LE(relative_difference(single[tap][0], two_threads[tap][i]), 0.0);
    }
  }
  at::set_num_threads(threads);
}

TEST_F(ResNetTest, FeaturesLeaveTheInputAndEarlierResultsAlone) {
  const auto extractor = load(weights_, {"layer1", "layer2", "layer3"});
  const at::Tensor images = formula_tensor("small", {1, 3, 1, 1}, -2, 2);
  const at::Tensor copy = images.clone();
  const auto first = extractor->features(images);
  const at::Tensor kept = first[0].clone();
  extractor->features(images * 2);
  EXPECT_TRUE(images.equal(copy));
  EXPECT_TRUE(first[0].equal(kept));
}

TEST_F(ResNetTest, Bfloat16IsCloseAndGivesFloat32) {
  const auto exact = load(weights_, {"layer3"})->features(images_);
  const auto rounded = load_resnet("micro_resnet", path_, {"layer3"}, kPreprocessing, parse_precision("bfloat16"));
  const auto maps = rounded->features(images_);
  EXPECT_EQ(maps[0].scalar_type(), at::kFloat);
  EXPECT_LE(relative_difference(maps[0], exact[0]), 0.08);
  EXPECT_GT(relative_difference(maps[0], exact[0]), 1e-4);
  expect_error<ConfigError>([] { parse_precision("bfloat"); }, {"'bfloat'", "'bfloat16'"});
}

TEST_F(ResNetTest, TheHashIsThatOfTheFile) {
  const auto extractor = load(weights_, {"layer1"});
  EXPECT_EQ(extractor->weights_sha256(), core::sha256_hex_of_file(path_));
  EXPECT_EQ(extractor->preprocessing().crop_px, 224);
}

TEST_F(ResNetTest, MissingAndMisshapedTensorsAreNamed) {
  TensorMap missing = weights_;
  missing.erase("layer2.1.bn2.running_var");
  expect_refused(missing, {"'layer2.1.bn2.running_var'", "Did you mean"});
  TensorMap misshaped = weights_;
  misshaped["layer3.0.conv2.weight"] = at::zeros({24, 24, 3, 1});
  expect_refused(misshaped, {"'layer3.0.conv2.weight'", "[24, 24, 3, 1]", "[24, 24, 3, 3]"});
  TensorMap flat = weights_;
  flat["conv1.weight"] = at::zeros({12});
  expect_refused(flat, {"'conv1.weight'", "[12]"});
  expect_refused(weights_, {"'conv1.weight'", "[12, 3, 7, 7]", "[64, 3, 7, 7]"}, "resnet18");
  expect_refused({{"visual.conv1.weight", at::zeros({8, 3, 4, 4})}}, {"'conv1.weight'"});
}

TEST_F(ResNetTest, OtherVariantsAreRefusedWithAReason) {
  TensorMap deep_stem = weights_;
  deep_stem["conv1.0.weight"] = at::zeros({8, 3, 3, 3});
  expect_refused(deep_stem, {"deep stem", "'conv1.0.weight'"}, "resnet50");
  TensorMap pooled = weights_;
  pooled["layer2.0.downsample.1.weight"] = at::zeros({16, 8, 1, 1});
  expect_refused(pooled, {"average-pooled", "'layer2.0.downsample.1.weight'"});
  TensorMap attention = weights_;
  attention["layer1.0.se.fc1.weight"] = at::zeros({1});
  expect_refused(attention, {"'layer1.0.se.fc1.weight'", "does not belong"});
}

TEST_F(ResNetTest, NormsThatAreNotFiniteAreRefused) {
  weights_["layer1.0.bn1.running_var"].fill_(-1);
  expect_refused(weights_, {"'layer1.0.bn1'", "not finite"});
}

TEST_F(ResNetTest, UnknownNamesAndTapsGiveTheNearest) {
  expect_error<ConfigError>([&] { load(weights_, {"layer1"}, "resnet_18"); }, {"'resnet_18'", "'resnet18'"});
  expect_error<ConfigError>([&] { load(weights_, {"layr2"}); }, {"'layr2'", "'layer2'"});
  expect_error<ConfigError>([&] { load(weights_, {"layer1", "layer1"}); }, {"'layer1'", "twice"});
  expect_error<ConfigError>([&] { load(weights_, {}); }, {"layer1, layer2, layer3, layer4"});
  expect_error<WeightsError>([&] { load_resnet("resnet18", directory_ / "no", {"layer1"}, kPreprocessing); }, {"no"});
}

}  // namespace
}  // namespace normadd::networks
