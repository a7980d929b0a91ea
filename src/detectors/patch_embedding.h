// SPDX-License-Identifier: Apache-2.0
// PatchCore's locally aware patch features.
// Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", arXiv 2106.08265.
// Adaptive: steps and constants of amazon-science/patchcore-inspection src/patchcore/common.py: unfold 3x3 with zero
// padding 1, bilinear to the first map's grid, adaptive average pooling to layer_dims per layer, concatenation,
// adaptive average pooling to output_dims. Differs in order only: pooling and upsampling are linear and act on
// different axes, so pooling goes first and the C x 9 unfolded planes are never stored. Average: anomalib
// models/image/patchcore/torch_model.py: mean of 3x3 per channel, zeros outside counted, bilinear to the first map's
// grid, concatenation; all channels are kept.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace normadd::detectors {

enum class Pooling { kAdaptive, kAverage };

struct PatchEmbeddingOptions {
  Pooling pooling = Pooling::kAdaptive;
  int layer_dims = 1024;   // adaptive only: per layer after its pooling
  int output_dims = 1024;  // adaptive only: per patch in the end
};

/// Dimensions of a patch, given the channels of each tap.
std::int64_t embedding_dims(const std::vector<int>& channels, const PatchEmbeddingOptions& options);

/// maps: per tap [B, C_i, h_i, w_i] float32, the first with the finest grid. Returns [B * h_0 * w_0, D]
/// float32, rows in the order image, y, x.
at::Tensor patch_embeddings(const std::vector<at::Tensor>& maps, const PatchEmbeddingOptions& options);

}  // namespace normadd::detectors
