// SPDX-License-Identifier: Apache-2.0
// PatchCore's locally aware patch features.
// Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", arXiv 2106.08265; steps and constants of
// amazon-science/patchcore-inspection src/patchcore/common.py (profile amazon): unfold 3x3 with zero padding 1,
// bilinear to the first map's grid, adaptive average pooling to layer_dims per layer, concatenation, adaptive average
// pooling to output_dims. Differs in order only: pooling and upsampling are linear and act on different axes, so
// pooling goes first and the C x 9 unfolded planes are never stored.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace normadd::detectors {

struct PatchEmbeddingOptions {
  int layer_dims = 1024;   // per layer after its pooling
  int output_dims = 1024;  // per patch in the end
};

/// maps: per tap [B, C_i, h_i, w_i] float32, the first with the finest grid. Returns [B * h_0 * w_0, output_dims]
/// float32, rows in the order image, y, x.
at::Tensor patch_embeddings(const std::vector<at::Tensor>& maps, const PatchEmbeddingOptions& options);

}  // namespace normadd::detectors
