// SPDX-License-Identifier: Apache-2.0
#include "networks/dense_layers.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

ClipConfig small_config() {
  ClipConfig config;
  config.embedding = 4;
  config.vision = {.width = 6, .layers = 3, .heads = 2, .mlp_width = 12};
  return config;
}

class DenseLayersFile : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return directory_ / "layers.safetensors"; }
  /// Saves layers for blocks 1 and 3 after change, and expects that loading them names each of mentions.
  void expect_refused(const std::function<void(DenseLayers&)>& change, std::vector<std::string> mentions) {
    DenseLayers layers = DenseLayers::random(small_config(), {1, 3}, 30, 1);
    change(layers);
    layers.save(file());
    mentions.emplace_back("layers.safetensors");
    test::expect_error<core::WeightsError>([&] { DenseLayers::load(file(), small_config()); }, mentions);
  }
  test::TemporaryDirectory directory_;
};

TEST_F(DenseLayersFile, LoadsWhatWasSaved) {
  const DenseLayers layers = DenseLayers::random(small_config(), {1, 3}, 30, 1);
  layers.save(file());
  const DenseLayers loaded = DenseLayers::load(file(), small_config());
  EXPECT_EQ(loaded.taps, layers.taps);
  EXPECT_EQ(loaded.temperature, layers.temperature);
  for (const auto& [name, tensor] : layers.weights) EXPECT_TRUE(tensor.equal(loaded.weights.at(name))) << name;
}

TEST_F(DenseLayersFile, WrongShapesAreNamedInEveryLayer) {
  expect_refused(
      [](DenseLayers& layers) {
        layers.weights["fc.1.weight"] = at::zeros({4, 7});
      },
      {"fc.1.weight", "4x7", "4x6"});
  expect_refused([](DenseLayers& layers) { layers.weights["fc.0.weight"] = at::zeros({24}); }, {"fc.0.weight", "4x6"});
  expect_refused([](DenseLayers& layers) { layers.weights["fc.1.bias"] = at::zeros({5}); }, {"fc.1.bias"});
  expect_refused([](DenseLayers& layers) { layers.weights.erase("fc.1.bias"); }, {"fc.1.bias"});
}

TEST_F(DenseLayersFile, ValuesThatAreNotFiniteAreRefused) {
  // Such layers would make A_sup NaN, which a fusion takes for "suppress everything".
  expect_refused([](DenseLayers& layers) { layers.weights["fc.1.bias"][2] = std::numeric_limits<float>::quiet_NaN(); },
                 {"fc.1.bias", "finite"});
  expect_refused([](DenseLayers& layers) { layers.temperature = std::numeric_limits<double>::quiet_NaN(); },
                 {"temperature"});
  expect_refused([](DenseLayers& layers) { layers.temperature = 0; }, {"temperature"});
}

TEST_F(DenseLayersFile, BlocksThatTheModelLacksAreRefused) {
  expect_refused([](DenseLayers& layers) { layers.taps = {1, 4}; }, {"1, 4", "3"});
  expect_refused([](DenseLayers& layers) { layers.taps = {3, 1}; }, {"3, 1"});
  expect_refused([](DenseLayers& layers) { layers.taps = {}; }, {"no block"});
}

TEST(DenseLayers, ProjectsToUnitLength) {
  const DenseLayers layers = DenseLayers::random(small_config(), {1, 3}, 30, 1);
  const at::Tensor tokens = at::arange(60).reshape({2, 5, 6}).to(at::kFloat);
  const at::Tensor projected = layers.project(1, tokens);
  ASSERT_EQ(projected.sizes(), (at::IntArrayRef{2, 5, 4}));
  EXPECT_TRUE(at::allclose(projected.norm(2, -1), at::ones({2, 5})));
  EXPECT_FALSE(projected.equal(layers.project(0, tokens)));
}

}  // namespace
}  // namespace normadd::networks
