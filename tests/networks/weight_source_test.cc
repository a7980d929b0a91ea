// SPDX-License-Identifier: Apache-2.0
#include "networks/weight_source.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

using core::WeightsError;
using test::expect_error;

TEST(WeightSource, WrapperPrefixesAreRemovedInAnyOrder) {
  const WeightSource source({{"module.model.conv1.weight", at::zeros({2})},
                             {"state_dict.module.fc.bias", at::zeros({2})},
                             {"bn1.weight", at::zeros({2})}},
                            "memory");
  EXPECT_EQ(source.names(), (std::vector<std::string>{"bn1.weight", "conv1.weight", "fc.bias"}));
}

TEST(WeightSource, TwoNamesThatBecomeOneAreRefused) {
  const TensorMap tensors{{"a", at::zeros({1})}, {"module.a", at::zeros({1})}};
  expect_error<WeightsError>([&] { WeightSource(tensors, "memory"); }, {"memory", "'module.a'", "'a'"});
}

TEST(WeightSource, TakesFloat32FromHalfPrecisionFiles) {
  const test::TemporaryDirectory directory;
  const at::Tensor values = at::arange(6, at::kHalf).view({2, 3});
  write_safetensors(directory / "w.safetensors", {{"module.w", values}});
  WeightSource source(SafetensorsFile::open(directory / "w.safetensors"));
  const at::Tensor taken = source.take("w", {2, kAnyExtent});
  EXPECT_EQ(taken.scalar_type(), at::kFloat);
  EXPECT_TRUE(taken.equal(values.to(at::kFloat)));
}

TEST(WeightSource, Float32FromAFileIsNotCopied) {
  const test::TemporaryDirectory directory;
  write_safetensors(directory / "w.safetensors", {{"w", at::ones({8})}});
  const auto file = SafetensorsFile::open(directory / "w.safetensors");
  WeightSource source(file);
  EXPECT_EQ(source.take("w").data_ptr(), file.tensor("w").data_ptr());
}

TEST(WeightSource, MissingAndMisshapedTensorsAreNamedWithBothShapes) {
  const test::TemporaryDirectory directory;
  const auto path = directory / "w.safetensors";
  write_safetensors(path, {{"conv1.weight", at::zeros({4, 3, 7, 7})}, {"steps", at::zeros({1}, at::kLong)}});
  WeightSource source(SafetensorsFile::open(path));
  expect_error<WeightsError>([&] { source.take("conv.weight"); }, {path.string(), "'conv.weight'", "'conv1.weight'"});
  expect_error<WeightsError>(
      [&] {
        source.take("conv1.weight", {kAnyExtent, 4, 7, 7});
      },
      {path.string(), "'conv1.weight'", "[4, 3, 7, 7]", "[any, 4, 7, 7]"});
  expect_error<WeightsError>([&] { source.take("conv1.weight", {4, 3}); }, {"[4, 3]"});
  expect_error<WeightsError>([&] { source.take("steps"); }, {"'steps'", "Long"});
}

TEST(WeightSource, UnusedNamesAreThoseNeitherTakenNorIgnored) {
  WeightSource source({{"a", at::zeros({1})}, {"b", at::zeros({1})}, {"c", at::zeros({1})}}, "memory");
  source.take("b");
  source.ignore("c");
  source.ignore("d");
  EXPECT_EQ(source.unused(), (std::vector<std::string>{"a"}));
}

}  // namespace
}  // namespace normadd::networks
