// SPDX-License-Identifier: Apache-2.0
// Weights of any size from a formula, the same here and in tests/golden/networks/make_resnet_goldens.py.
#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "networks/resnet_architecture.h"
#include "networks/safetensors.h"

namespace normadd::networks {

/// Uniform-looking values in [low, high): murmur3's finaliser of the element number, keyed by FNV-1a of the name.
inline at::Tensor formula_tensor(const std::string& name, const std::vector<std::int64_t>& shape, double low,
                                 double high) {
  std::uint32_t seed = 2166136261u;
  for (const unsigned char byte : name) seed = (seed ^ byte) * 16777619u;
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* const values = tensor.data_ptr<float>();
  const auto count = static_cast<std::uint32_t>(tensor.numel());
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t h = i + seed;
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
    h = (h ^ (h >> 13)) * 0xC2B2AE35u;
    h ^= h >> 16;
    values[i] = static_cast<float>(low + (high - low) * ((h >> 8) / 16777216.0));
  }
  return tensor;
}

/// All tensors of the stages, without fc.
inline TensorMap formula_resnet(const ResNetArchitecture& architecture) {
  TensorMap tensors;
  const auto add = [&](const ConvolutionLayer& layer) {
    const double bound = std::sqrt(6.0 / (layer.in * layer.kernel * layer.kernel));
    const auto put = [&](const std::string& name, const std::vector<std::int64_t>& shape, double low, double high) {
      tensors[name] = formula_tensor(name, shape, low, high);
    };
    put(layer.convolution + ".weight", {layer.out, layer.in, layer.kernel, layer.kernel}, -bound, bound);
    put(layer.norm + ".weight", {layer.out}, 0.4, 0.8);
    put(layer.norm + ".bias", {layer.out}, -0.2, 0.2);
    put(layer.norm + ".running_mean", {layer.out}, -0.2, 0.2);
    put(layer.norm + ".running_var", {layer.out}, 0.5, 1.5);
    tensors[layer.norm + ".num_batches_tracked"] = at::zeros({}, at::kLong);
  };
  const ResNetLayers layers = resnet_layers(architecture);
  add(layers.stem);
  for (const auto& blocks : layers.stages) {
    for (const auto& block : blocks) {
      for (const auto& layer : block.convolutions) add(layer);
      if (block.downsample) add(*block.downsample);
    }
  }
  return tensors;
}

/// Basic blocks of widths 8, 16, 24: small enough for any test.
inline ResNetArchitecture tiny_architecture() { return {BlockKind::kBasic, 12, {{1, 8, 8}, {2, 16, 16}, {1, 24, 24}}}; }

}  // namespace normadd::networks
