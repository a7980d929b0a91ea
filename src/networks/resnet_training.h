// SPDX-License-Identifier: Apache-2.0
// ResNets that learn: fresh weights, and a differentiable forward pass over a plain map of tensors with torchvision's
// names, so that write_safetensors(path, weights.tensors) gives a file that load_resnet takes.
// Source: initialisation and forward pass as in torchvision's models/resnet.py.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/random.h"
#include "networks/resnet_architecture.h"
#include "networks/safetensors.h"

namespace normadd::networks {

/// tensors: conv and norm tensors of all stages, running statistics, num_batches_tracked, and fc.{weight, bias} if
/// there is a classifier.
struct ResNetWeights {
  ResNetArchitecture architecture;
  TensorMap tensors;
};

/// Convolutions: normal with variance 2 / (out * kernel^2); norms: the identity; fc (only when num_classes > 0):
/// uniform in
/// +-1 / sqrt(in).
ResNetWeights random_resnet(const ResNetArchitecture& architecture, int num_classes, core::RandomStream& random);

/// A file written from ResNetWeights::tensors, all num_stages stages and fc if it has one; tensors are own copies, so
/// they can be trained further. Throws WeightsError as load_resnet does.
ResNetWeights read_resnet(const std::string& name, const std::filesystem::path& path, int num_stages);

/// What an optimiser changes: convolution weights, norm weights and biases, fc; by name, ascending. Turns their
/// gradients on. The tensors share memory with weights.
TensorMap resnet_parameters(ResNetWeights& weights);

struct ResNetOutput {
  std::vector<at::Tensor> layers;  // [B, C_i, h_i, w_i] of layer1, layer2, …
  at::Tensor logits;               // [B, classes]: fc of the mean over the last layer's grid; undefined without fc
};

/// images [B, 3, H, W] float32, normalised. Differentiable when gradients are on. training_norms: normalise with the
/// batch's statistics and move the running ones by 0.1 (B * h * w > 1 needed); otherwise use the running ones.
ResNetOutput resnet_forward_train(ResNetWeights& weights, const at::Tensor& images, bool training_norms);

}  // namespace normadd::networks
