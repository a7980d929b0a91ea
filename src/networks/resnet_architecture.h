// SPDX-License-Identifier: Apache-2.0
// What a plain ResNet consists of: widths and depths, and from them the list of its convolutions with their tensor
// names. Source: He et al., arXiv 1512.03385, table 1; Zagoruyko and Komodakis, arXiv 1605.07146 (wide variant). Names
// and the position of the stride (on the 3x3 of a bottleneck) as in torchvision's models/resnet.py and timm's
// resnet.py.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imaging/image.h"
#include "networks/weight_source.h"

namespace normadd::networks {

enum class BlockKind { kBasic, kBottleneck };

/// One of layer1 … layer4: blocks of equal width. A basic block has inner == outer.
struct ResNetStage {
  int blocks = 0;
  int inner = 0;  // channels of the 3x3 convolutions
  int outer = 0;  // channels of the block's output
  bool operator==(const ResNetStage&) const = default;
};

/// The stem (7x7 of stride 2, 3x3 max pooling of stride 2) gives `stem` channels; the first stage keeps its grid, each
/// later one halves it.
struct ResNetArchitecture {
  BlockKind kind = BlockKind::kBasic;
  int stem = 64;
  std::vector<ResNetStage> stages;
  bool operator==(const ResNetArchitecture&) const = default;

  /// Basic blocks, the width doubling from stage to stage.
  static ResNetArchitecture basic(int base_width, const std::vector<int>& blocks);
};

/// A convolution without bias and the batch norm after it.
struct ConvolutionLayer {
  std::string convolution;  // tensor is convolution + ".weight"
  std::string norm;         // tensors are norm + ".weight", ".bias", ".running_mean", ".running_var"
  int in = 0, out = 0, kernel = 1, stride = 1;

  int padding() const { return kernel / 2; }
  imaging::Size grid(imaging::Size input) const;
};

/// Rectified after each convolution but the last, which is rectified after adding the shortcut.
struct BlockLayers {
  std::vector<ConvolutionLayer> convolutions;
  std::optional<ConvolutionLayer> downsample;  // shortcut with another grid or width; otherwise the input itself
};

struct ResNetLayers {
  ConvolutionLayer stem;
  std::vector<std::vector<BlockLayers>> stages;
};

ResNetLayers resnet_layers(const ResNetArchitecture& architecture);

/// Grid after the stem's max pooling, given the grid before it.
imaging::Size pooled_grid(imaging::Size input);

/// Names that have a fixed architecture, and "micro_resnet", whose widths and depths are those of its file.
std::vector<std::string> resnet_names();

/// The architecture behind a name, cut to the first num_stages stages; for micro_resnet read from names and shapes.
/// Throws ConfigError for an unknown name; WeightsError for variants with another stem or shortcut (timm's "d", "t",
/// "s" variants) and for a micro_resnet whose tensors do not tell.
ResNetArchitecture resnet_architecture(const std::string& name, const WeightSource& source, int num_stages);

}  // namespace normadd::networks
