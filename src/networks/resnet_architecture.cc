// SPDX-License-Identifier: Apache-2.0
#include "networks/resnet_architecture.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "core/error.h"
#include "core/nearest_name.h"

namespace normadd::networks {
namespace {

constexpr const char* kMicro = "micro_resnet";
constexpr int kBottleneckExpansion = 4;

struct KnownArchitecture {
  const char* name;
  BlockKind kind;
  std::array<int, 4> blocks;
  int inner;  // of the first stage
};

constexpr KnownArchitecture kKnown[] = {
    {"resnet18", BlockKind::kBasic, {2, 2, 2, 2}, 64},
    {"resnet34", BlockKind::kBasic, {3, 4, 6, 3}, 64},
    {"resnet50", BlockKind::kBottleneck, {3, 4, 6, 3}, 64},
    {"resnet101", BlockKind::kBottleneck, {3, 4, 23, 3}, 64},
    {"wide_resnet50_2", BlockKind::kBottleneck, {3, 4, 6, 3}, 128},
    {"wide_resnet101_2", BlockKind::kBottleneck, {3, 4, 23, 3}, 128},
};

ResNetArchitecture architecture_of(const KnownArchitecture& known, int num_stages) {
  ResNetArchitecture architecture;
  architecture.kind = known.kind;
  for (int stage = 0; stage < num_stages; ++stage) {
    const int outer = known.kind == BlockKind::kBasic ? known.inner << stage : 64 * kBottleneckExpansion << stage;
    architecture.stages.push_back({known.blocks[stage], known.inner << stage, outer});
  }
  return architecture;
}

int output_channels(const WeightSource& source, const std::string& convolution) {
  const std::string name = convolution + ".weight";
  const auto shape = source.shape(name);
  if (shape.size() != 4 || shape[0] < 1 || shape[0] > std::numeric_limits<int>::max()) {
    source.fail(fmt::format("tensor '{}' has shape {}, which is not that of a convolution", name, shape_text(shape)),
                "Give the weights of a plain ResNet.");
  }
  return static_cast<int>(shape[0]);
}

ResNetArchitecture architecture_from_tensors(const WeightSource& source, int num_stages) {
  ResNetArchitecture architecture;
  architecture.stem = output_channels(source, "conv1");
  architecture.kind = source.contains("layer1.0.conv3.weight") ? BlockKind::kBottleneck : BlockKind::kBasic;
  const std::string last = architecture.kind == BlockKind::kBottleneck ? "conv3" : "conv2";
  for (int stage = 1; stage <= num_stages; ++stage) {
    const std::string first_block = fmt::format("layer{}.0.", stage);
    ResNetStage found;
    found.inner = output_channels(source, first_block + "conv1");
    found.outer = output_channels(source, first_block + last);
    while (source.contains(fmt::format("layer{}.{}.conv1.weight", stage, found.blocks))) ++found.blocks;
    architecture.stages.push_back(found);
  }
  return architecture;
}

void refuse_variants(const WeightSource& source) {
  if (source.contains("conv1.0.weight")) {
    source.fail("the weights have a deep stem (tensor 'conv1.0.weight'), as timm's d, s and t variants do",
                "Only plain ResNets are supported: resnet18, resnet50, wide_resnet50_2.");
  }
  const std::string pooled_shortcut = "layer2.0.downsample.1.weight";
  if (source.contains(pooled_shortcut) && source.shape(pooled_shortcut).size() == 4) {
    source.fail(fmt::format("the weights have average-pooled shortcuts (tensor '{}' is a convolution), as timm's d "
                            "variants do",
                            pooled_shortcut),
                "Only plain ResNets are supported: resnet18, resnet50, wide_resnet50_2.");
  }
}

ConvolutionLayer convolution_of_block(const std::string& block, int number, int in, int out, int kernel, int stride) {
  return {fmt::format("{}.conv{}", block, number), fmt::format("{}.bn{}", block, number), in, out, kernel, stride};
}

BlockLayers block_layers(BlockKind kind, const std::string& name, int in, const ResNetStage& stage, int stride) {
  BlockLayers block;
  if (kind == BlockKind::kBasic) {
    block.convolutions = {convolution_of_block(name, 1, in, stage.inner, 3, stride),
                          convolution_of_block(name, 2, stage.inner, stage.outer, 3, 1)};
  } else {
    block.convolutions = {convolution_of_block(name, 1, in, stage.inner, 1, 1),
                          convolution_of_block(name, 2, stage.inner, stage.inner, 3, stride),
                          convolution_of_block(name, 3, stage.inner, stage.outer, 1, 1)};
  }
  if (stride != 1 || in != stage.outer) {
    block.downsample = ConvolutionLayer{name + ".downsample.0", name + ".downsample.1", in, stage.outer, 1, stride};
  }
  return block;
}

int reduced(int extent, int kernel, int stride, int padding) { return (extent + 2 * padding - kernel) / stride + 1; }

}  // namespace

ResNetArchitecture ResNetArchitecture::basic(int base_width, const std::vector<int>& blocks) {
  ResNetArchitecture architecture;
  architecture.stem = base_width;
  for (std::size_t stage = 0; stage < blocks.size(); ++stage) {
    architecture.stages.push_back({blocks[stage], base_width << stage, base_width << stage});
  }
  return architecture;
}

imaging::Size ConvolutionLayer::grid(imaging::Size input) const {
  return {reduced(input.height, kernel, stride, padding()), reduced(input.width, kernel, stride, padding())};
}

imaging::Size pooled_grid(imaging::Size input) {
  return {reduced(input.height, 3, 2, 1), reduced(input.width, 3, 2, 1)};
}

ResNetLayers resnet_layers(const ResNetArchitecture& architecture) {
  ResNetLayers layers;
  layers.stem = {"conv1", "bn1", 3, architecture.stem, 7, 2};
  int in = architecture.stem;
  for (std::size_t index = 0; index < architecture.stages.size(); ++index) {
    const ResNetStage& stage = architecture.stages[index];
    std::vector<BlockLayers> blocks;
    for (int block = 0; block < stage.blocks; ++block) {
      const int stride = block == 0 && index > 0 ? 2 : 1;
      blocks.push_back(block_layers(architecture.kind, fmt::format("layer{}.{}", index + 1, block), in, stage, stride));
      in = stage.outer;
    }
    layers.stages.push_back(std::move(blocks));
  }
  return layers;
}

std::vector<std::string> resnet_names() {
  std::vector<std::string> names;
  for (const auto& known : kKnown) names.emplace_back(known.name);
  names.emplace_back(kMicro);
  return names;
}

ResNetArchitecture resnet_architecture(const std::string& name, const WeightSource& source, int num_stages) {
  if (name == kMicro) {
    refuse_variants(source);
    return architecture_from_tensors(source, num_stages);
  }
  for (const auto& known : kKnown) {
    if (name == known.name) {
      refuse_variants(source);
      return architecture_of(known, num_stages);
    }
  }
  throw core::ConfigError(fmt::format("there is no ResNet called '{}'", name), "backbone.name",
                          core::did_you_mean(name, resnet_names()));
}

}  // namespace normadd::networks
