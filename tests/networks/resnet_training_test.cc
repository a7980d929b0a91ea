// SPDX-License-Identifier: Apache-2.0
#include "networks/resnet_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

const Preprocessing kPreprocessing = Preprocessing::imagenet(256, 224);

class ResNetTraining : public ::testing::Test {
 protected:
  core::RandomStream random_{7, "resnet"};
  ResNetWeights weights_ = random_resnet(tiny_architecture(), 5, random_);
  at::Tensor images_ = formula_tensor("images", {4, 3, 32, 32}, -2, 2);
  at::Tensor labels_ = at::arange(4, at::kLong);
};

TEST_F(ResNetTraining, WeightsFollowTheSeedAndTheStatedSpread) {
  core::RandomStream same(7, "resnet"), other(8, "resnet");
  EXPECT_TRUE(
      random_resnet(tiny_architecture(), 5, same).tensors.at("fc.weight").equal(weights_.tensors.at("fc.weight")));
  EXPECT_FALSE(
      random_resnet(tiny_architecture(), 5, other).tensors.at("fc.weight").equal(weights_.tensors.at("fc.weight")));
  const at::Tensor& kernel = weights_.tensors.at("layer3.0.conv2.weight");
  EXPECT_NEAR(kernel.std().item<double>(), std::sqrt(2.0 / (24 * 9)), 0.004);
  EXPECT_LE(weights_.tensors.at("fc.weight").abs().max().item<double>(), 1 / std::sqrt(24.0));
}

TEST_F(ResNetTraining, EvaluationEqualsTheFrozenNetworkFromTheSavedFile) {
  for (int step = 0; step < 3; ++step) resnet_forward_train(weights_, images_ * (step + 1), true);
  const ResNetOutput output = resnet_forward_train(weights_, images_, false);
  const test::TemporaryDirectory directory;
  write_safetensors(directory / "m.safetensors", weights_.tensors);
  const auto frozen =
      load_resnet("micro_resnet", directory / "m.safetensors", {"layer1", "layer2", "layer3"}, kPreprocessing);
  const auto maps = frozen->features(images_);
  for (std::size_t layer = 0; layer < maps.size(); ++layer) {
    EXPECT_TRUE(at::allclose(maps[layer], output.layers[layer], 1e-4, 1e-5)) << layer;
  }
  EXPECT_EQ(output.logits.sizes().vec(), (std::vector<std::int64_t>{4, 5}));
}

TEST_F(ResNetTraining, BatchStatisticsMoveTheRunningOnesByATenth) {
  const at::Tensor stem = at::conv2d(images_, weights_.tensors.at("conv1.weight"), {}, {2, 2}, {3, 3});
  resnet_forward_train(weights_, images_, true);
  EXPECT_TRUE(at::allclose(weights_.tensors.at("bn1.running_mean"), 0.1 * stem.mean({0, 2, 3}), 1e-4, 1e-5));
  const at::Tensor variance = stem.transpose(0, 1).flatten(1).var(1);
  EXPECT_TRUE(at::allclose(weights_.tensors.at("bn1.running_var"), 0.9 + 0.1 * variance, 1e-4, 1e-5));
  EXPECT_EQ(weights_.tensors.at("bn1.num_batches_tracked").item<int>(), 1);
  const at::Tensor before = weights_.tensors.at("bn1.running_mean").clone();
  resnet_forward_train(weights_, images_, false);
  EXPECT_TRUE(weights_.tensors.at("bn1.running_mean").equal(before));
  EXPECT_EQ(weights_.tensors.at("bn1.num_batches_tracked").item<int>(), 1);
}

TEST_F(ResNetTraining, GradientsEqualFiniteDifferences) {
  TensorMap parameters = resnet_parameters(weights_);
  EXPECT_FALSE(parameters.contains("bn1.running_mean"));
  const auto loss_of = [&] {
    return at::cross_entropy_loss(resnet_forward_train(weights_, images_, true).logits, labels_);
  };
  loss_of().backward();
  const at::NoGradGuard no_gradients;
  for (const std::string name : {"fc.bias", "layer3.0.bn2.weight", "layer2.0.downsample.1.bias"}) {
    at::Tensor value = parameters.at(name).detach().view(-1)[1];
    const double gradient = parameters.at(name).grad().view(-1)[1].item<double>();
    const float step = 4e-3f, centre = value.item<float>();
    value.fill_(centre + step);
    const double above = loss_of().item<double>();
    value.fill_(centre - step);
    const double below = loss_of().item<double>();
    value.fill_(centre);
    EXPECT_NEAR((above - below) / (2 * step), gradient, 0.03 * std::abs(gradient) + 2e-4) << name;
  }
}

TEST_F(ResNetTraining, GradientDescentLearnsFourPictures) {
  TensorMap parameters = resnet_parameters(weights_);
  double first = 0, last = 0;
  for (int step = 0; step < 30; ++step) {
    const at::Tensor loss = at::cross_entropy_loss(resnet_forward_train(weights_, images_, true).logits, labels_);
    loss.backward();
    const at::NoGradGuard no_gradients;
    for (auto& [name, parameter] : parameters) {
      parameter.sub_(parameter.grad() * 0.1);
      parameter.mutable_grad().zero_();
    }
    (step == 0 ? first : last) = loss.item<double>();
  }
  EXPECT_GT(first, 1.0);
  EXPECT_LT(last, 0.2 * first);
}

TEST_F(ResNetTraining, AFileCanBeTrainedFurther) {
  const test::TemporaryDirectory directory;
  write_safetensors(directory / "m.safetensors", weights_.tensors);
  ResNetWeights read = read_resnet("micro_resnet", directory / "m.safetensors", 3);
  EXPECT_EQ(read.architecture, weights_.architecture);
  const at::Tensor expected = resnet_forward_train(weights_, images_, false).logits;
  EXPECT_TRUE(resnet_forward_train(read, images_, false).logits.equal(expected));
  test::expect_error<core::WeightsError>([&] { read_resnet("micro_resnet", directory / "m.safetensors", 4); },
                                         {"layer4.0.conv1.weight"});
}

TEST(ResNetArchitecture, BasicDoublesItsWidthFromStageToStage) {
  const ResNetArchitecture expected{BlockKind::kBasic, 16, {{2, 16, 16}, {3, 32, 32}, {1, 64, 64}}};
  EXPECT_EQ(ResNetArchitecture::basic(16, {2, 3, 1}), expected);
}

}  // namespace
}  // namespace normadd::networks
