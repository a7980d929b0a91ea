// SPDX-License-Identifier: Apache-2.0
#include "networks/resnet_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>
#include <functional>

#include "core/error.h"
#include "networks/weight_source.h"

namespace normadd::networks {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr double kNormMomentum = 0.1;

void for_each_convolution(const ResNetLayers& layers, const std::function<void(const ConvolutionLayer&)>& visit) {
  visit(layers.stem);
  for (const auto& blocks : layers.stages) {
    for (const auto& block : blocks) {
      for (const auto& layer : block.convolutions) visit(layer);
      if (block.downsample) visit(*block.downsample);
    }
  }
}

at::Tensor filled(const std::vector<std::int64_t>& shape, const std::function<double()>& draw) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* const values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(draw());
  return tensor;
}

/// The training pass: looks tensors up by name, so that an optimiser may replace them between steps.
class ForwardPass {
 public:
  ForwardPass(TensorMap& tensors, bool training_norms) : tensors_(tensors), training_norms_(training_norms) {}

  at::Tensor normalised(const ConvolutionLayer& layer, const at::Tensor& input) {
    const int stride = layer.stride, padding = layer.padding();
    const at::Tensor hidden =
        at::conv2d(input, tensors_.at(layer.convolution + ".weight"), {}, {stride, stride}, {padding, padding});
    if (training_norms_) {
      const at::NoGradGuard no_gradients;
      tensors_.at(layer.norm + ".num_batches_tracked").add_(1);
    }
    return at::batch_norm(hidden, tensors_.at(layer.norm + ".weight"), tensors_.at(layer.norm + ".bias"),
                          tensors_.at(layer.norm + ".running_mean"), tensors_.at(layer.norm + ".running_var"),
                          training_norms_, kNormMomentum, kNormEpsilon, false);
  }

  at::Tensor block(const BlockLayers& block, const at::Tensor& input) {
    at::Tensor hidden = input;
    for (std::size_t i = 0; i + 1 < block.convolutions.size(); ++i) {
      hidden = at::relu(normalised(block.convolutions[i], hidden));
    }
    hidden = normalised(block.convolutions.back(), hidden);
    return at::relu(hidden + (block.downsample ? normalised(*block.downsample, input) : input));
  }

 private:
  TensorMap& tensors_;
  bool training_norms_;
};

}  // namespace

ResNetWeights random_resnet(const ResNetArchitecture& architecture, int num_classes, core::RandomStream& random) {
  ResNetWeights weights{architecture, {}};
  TensorMap& tensors = weights.tensors;
  for_each_convolution(resnet_layers(architecture), [&](const ConvolutionLayer& layer) {
    const double deviation = std::sqrt(2.0 / (layer.out * layer.kernel * layer.kernel));
    tensors[layer.convolution + ".weight"] =
        filled({layer.out, layer.in, layer.kernel, layer.kernel}, [&] { return deviation * random.normal(); });
    tensors[layer.norm + ".weight"] = at::ones({layer.out}, at::kFloat);
    tensors[layer.norm + ".bias"] = at::zeros({layer.out}, at::kFloat);
    tensors[layer.norm + ".running_mean"] = at::zeros({layer.out}, at::kFloat);
    tensors[layer.norm + ".running_var"] = at::ones({layer.out}, at::kFloat);
    tensors[layer.norm + ".num_batches_tracked"] = at::zeros({}, at::kLong);
  });
  if (num_classes > 0) {
    const int in = architecture.stages.back().outer;
    const double bound = 1.0 / std::sqrt(in);
    const auto draw = [&] { return random.uniform(-bound, bound); };
    tensors["fc.weight"] = filled({num_classes, in}, draw);
    tensors["fc.bias"] = filled({num_classes}, draw);
  }
  return weights;
}

ResNetWeights read_resnet(const std::string& name, const std::filesystem::path& path, int num_stages) {
  WeightSource source(SafetensorsFile::open(path));
  ResNetWeights weights{resnet_architecture(name, source, num_stages), {}};
  const auto take = [&](const std::string& tensor, const std::vector<std::int64_t>& shape) {
    weights.tensors[tensor] = source.take(tensor, shape).clone();
  };
  for_each_convolution(resnet_layers(weights.architecture), [&](const ConvolutionLayer& layer) {
    take(layer.convolution + ".weight", {layer.out, layer.in, layer.kernel, layer.kernel});
    for (const char* part : {"weight", "bias", "running_mean", "running_var"}) {
      take(fmt::format("{}.{}", layer.norm, part), {layer.out});
    }
    weights.tensors[layer.norm + ".num_batches_tracked"] = at::zeros({}, at::kLong);
  });
  if (source.contains("fc.weight")) {
    take("fc.weight", {kAnyExtent, weights.architecture.stages.back().outer});
    take("fc.bias", {weights.tensors.at("fc.weight").size(0)});
  }
  return weights;
}

TensorMap resnet_parameters(ResNetWeights& weights) {
  TensorMap parameters;
  for (auto& [name, tensor] : weights.tensors) {
    if (name.ends_with(".weight") || name.ends_with(".bias")) parameters[name] = tensor.set_requires_grad(true);
  }
  return parameters;
}

ResNetOutput resnet_forward_train(ResNetWeights& weights, const at::Tensor& images, bool training_norms) {
  NORMADD_CHECK(images.dim() == 4 && images.size(1) == 3, shape_text(images.sizes().vec()));
  const ResNetLayers layers = resnet_layers(weights.architecture);
  ForwardPass pass(weights.tensors, training_norms);
  ResNetOutput output;
  at::Tensor hidden = at::relu(pass.normalised(layers.stem, images.contiguous(at::MemoryFormat::ChannelsLast)));
  hidden = at::max_pool2d(hidden, {3, 3}, {2, 2}, {1, 1});
  for (const auto& blocks : layers.stages) {
    for (const auto& block : blocks) hidden = pass.block(block, hidden);
    output.layers.push_back(hidden);
  }
  if (weights.tensors.contains("fc.weight")) {
    output.logits = at::linear(hidden.mean({2, 3}), weights.tensors.at("fc.weight"), weights.tensors.at("fc.bias"));
  }
  return output;
}

}  // namespace normadd::networks
