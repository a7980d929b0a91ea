// SPDX-License-Identifier: Apache-2.0
// One linear layer per tapped block, from raw patch tokens to the joint embedding.
// Source: Chen et al., arXiv 2305.17382 (APRIL-GAN), section 3.1; tensor names of its checkpoints (fc.N.weight,
// fc.N.bias). Shapes: W vision width, E embedding, B images, N patches.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "networks/clip_config.h"
#include "networks/safetensors.h"

namespace normadd::networks {

/// What a file that others made, such as a converted checkpoint, does not say itself.
struct DenseLayerFacts {
  std::vector<int> taps;
  double temperature = 0;
};

struct DenseLayers {
  std::vector<int> taps;         // 1-based blocks, ascending
  double temperature = 0;        // factor on cosines that the layers were trained with; map makers must use the same
  TensorMap weights;             // fc.N.weight [E, W], fc.N.bias [E]
  std::string clip_sha256 = "";  // of the frozen model they were trained over; empty when both were trained together

  /// Uniform in +-1/sqrt(W), as torch.nn.Linear starts.
  static DenseLayers random(const ClipConfig& config, std::vector<int> taps, double temperature, std::uint64_t seed);
  /// Reads what save() wrote, for a model of this description; names may begin with "trainable_linearlayer.". unsaid
  /// serves files without metadata. Throws WeightsError naming the file and what it lacks: a tensor, a shape that fits
  /// the model, a finite value, a tap that the model has, a tap for each layer.
  static DenseLayers load(const std::filesystem::path& file, const ClipConfig& config,
                          const std::optional<DenseLayerFacts>& unsaid = {});
  /// safetensors with metadata taps ("2,3,4"), temperature ("30") and, when there is one, clip_sha256.
  void save(const std::filesystem::path& file) const;

  /// tokens [B, N, W] of tap number index (from 0) -> [B, N, E], unit length. Differentiable.
  at::Tensor project(std::size_t index, const at::Tensor& tokens) const;
};

/// x / |x| over the last axis; zero stays zero.
at::Tensor unit_length(const at::Tensor& x);

}  // namespace normadd::networks
