// SPDX-License-Identifier: Apache-2.0
#include "networks/resnet.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/hashing.h"
#include "core/nearest_name.h"
#include "networks/resnet_architecture.h"
#include "networks/weight_source.h"

namespace normadd::networks {
namespace {

constexpr double kNormEpsilon = 1e-5;
const std::vector<std::string> kTapNames{"layer1", "layer2", "layer3", "layer4"};

struct FoldedConvolution {
  at::Tensor weight;
  at::Tensor bias;
  int stride = 1;
  int padding = 0;

  at::Tensor operator()(const at::Tensor& input) const {
    return at::conv2d(input, weight, bias, {stride, stride}, {padding, padding});
  }
};

struct FoldedBlock {
  std::vector<FoldedConvolution> convolutions;
  std::optional<FoldedConvolution> downsample;

  at::Tensor operator()(const at::Tensor& input) const {
    at::Tensor hidden = input;
    for (std::size_t i = 0; i + 1 < convolutions.size(); ++i) hidden = convolutions[i](hidden).relu_();
    hidden = convolutions.back()(hidden);
    return hidden.add_(downsample ? (*downsample)(input) : input).relu_();
  }
};

/// y = gamma (x * w - mean) / sqrt(var + eps) + beta, as one convolution; computed in float64.
FoldedConvolution take_folded(WeightSource& source, const ConvolutionLayer& layer, at::ScalarType type) {
  const auto vector = [&](const char* part) {
    return source.take(fmt::format("{}.{}", layer.norm, part), {layer.out}).to(at::kDouble);
  };
  const at::Tensor weight =
      source.take(layer.convolution + ".weight", {layer.out, layer.in, layer.kernel, layer.kernel}).to(at::kDouble);
  const at::Tensor scale = vector("weight") / (vector("running_var") + kNormEpsilon).sqrt();
  const at::Tensor bias = vector("bias") - vector("running_mean") * scale;
  source.ignore(layer.norm + ".num_batches_tracked");
  if (!at::isfinite(scale).all().item<bool>() || !at::isfinite(bias).all().item<bool>()) {
    source.fail(fmt::format("the batch norm '{}' gives values that are not finite", layer.norm),
                "The file is damaged or its running variance is negative; download or train it again.");
  }
  FoldedConvolution folded;
  // Channels last: measured 6 times faster than the default layout with oneDNN (WideResNet-50-2, 224 px, batches of 8).
  folded.weight = (weight * scale.view({-1, 1, 1, 1})).to(type).contiguous(at::MemoryFormat::ChannelsLast);
  folded.bias = bias.to(type);
  folded.stride = layer.stride;
  folded.padding = layer.padding();
  return folded;
}

std::vector<int> parse_taps(const std::vector<std::string>& taps) {
  std::vector<int> stages;
  for (const auto& tap : taps) {
    const auto found = std::ranges::find(kTapNames, tap);
    if (found == kTapNames.end()) {
      throw core::ConfigError(fmt::format("a ResNet has no layer '{}' to tap", tap), "backbone.taps",
                              core::did_you_mean(tap, kTapNames));
    }
    stages.push_back(static_cast<int>(found - kTapNames.begin()));
    if (std::ranges::count(stages, stages.back()) > 1) {
      throw core::ConfigError(fmt::format("layer '{}' is tapped twice", tap), "backbone.taps", "Name each layer once.");
    }
  }
  if (stages.empty()) {
    throw core::ConfigError("no layer is tapped", "backbone.taps",
                            fmt::format("Name some of: {}.", fmt::join(kTapNames, ", ")));
  }
  return stages;
}

class ResNet final : public FeatureExtractor {
 public:
  ResNet(const std::string& name, WeightSource source, const std::vector<std::string>& taps,
         const Preprocessing& preprocessing, Precision precision, std::string sha256)
      : taps_(parse_taps(taps)),
        description_(fmt::format("{} {} {}", name, fmt::join(taps, " "),
                                 precision == Precision::kFloat32 ? "float32" : "bfloat16")),
        preprocessing_(preprocessing),
        type_(precision == Precision::kFloat32 ? at::kFloat : at::kBFloat16),
        origin_(source.origin()),
        sha256_(std::move(sha256)) {
    const at::NoGradGuard no_gradients;
    const int num_stages = *std::ranges::max_element(taps_) + 1;
    architecture_ = resnet_architecture(name, source, num_stages);
    layers_ = resnet_layers(architecture_);
    stem_ = take_folded(source, layers_.stem, type_);
    for (const auto& blocks : layers_.stages) {
      std::vector<FoldedBlock> stage;
      for (const auto& block : blocks) {
        FoldedBlock folded;
        for (const auto& layer : block.convolutions) folded.convolutions.push_back(take_folded(source, layer, type_));
        if (block.downsample) folded.downsample = take_folded(source, *block.downsample, type_);
        stage.push_back(std::move(folded));
      }
      stages_.push_back(std::move(stage));
    }
    refuse_foreign_tensors(name, source);
  }

  std::vector<at::Tensor> features(const at::Tensor& images) const override {
    NORMADD_CHECK(images.dim() == 4 && images.size(1) == 3, shape_text(images.sizes().vec()));
    const at::NoGradGuard no_gradients;
    try {
      // One by one: the kernels' order of summation depends on the batch, and no result may.
      std::vector<std::vector<at::Tensor>> by_tap(taps_.size());
      for (std::int64_t i = 0; i < images.size(0); ++i) {
        auto maps = maps_of_one(images.narrow(0, i, 1));
        for (std::size_t tap = 0; tap < maps.size(); ++tap) by_tap[tap].push_back(std::move(maps[tap]));
      }
      std::vector<at::Tensor> maps;
      for (const auto& parts : by_tap) maps.push_back(at::cat(parts));
      return maps;
    } catch (const c10::Error& error) {
      throw core::DataError(fmt::format("the network fails on pictures of shape {}: {}",
                                        shape_text(images.sizes().vec()), error.what_without_backtrace()),
                            origin_, "If memory ran out, use smaller batches or pictures.");
    }
  }

  std::vector<int> channels() const override {
    std::vector<int> channels;
    for (const int stage : taps_) channels.push_back(architecture_.stages[stage].outer);
    return channels;
  }

  std::vector<imaging::Size> grids(imaging::Size input) const override {
    std::vector<imaging::Size> grids(taps_.size());
    walk(input, [&](std::size_t stage, imaging::Size grid) {
      const auto tap = std::ranges::find(taps_, static_cast<int>(stage));
      if (tap != taps_.end()) grids[tap - taps_.begin()] = grid;
    });
    return grids;
  }

  double flops(imaging::Size input) const override {
    return walk(input, [](std::size_t, imaging::Size) {});
  }

  const Preprocessing& preprocessing() const override { return preprocessing_; }
  std::string description() const override { return description_; }
  const std::string& weights_sha256() const override { return sha256_; }

 private:
  /// image [1, 3, H, W]; one map per tap.
  std::vector<at::Tensor> maps_of_one(const at::Tensor& image) const {
    std::vector<at::Tensor> maps(taps_.size());
    at::Tensor hidden = stem_(image.to(type_).contiguous(at::MemoryFormat::ChannelsLast)).relu_();
    hidden = at::max_pool2d(hidden, {3, 3}, {2, 2}, {1, 1});
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
      for (const auto& block : stages_[stage]) hidden = block(hidden);
      const auto tap = std::ranges::find(taps_, static_cast<int>(stage));
      if (tap != taps_.end()) maps[tap - taps_.begin()] = hidden.to(at::kFloat).contiguous();
    }
    return maps;
  }

  /// Follows the grid through the layers; reports it after each stage. Returns the floating-point operations.
  template <typename Report>
  double walk(imaging::Size input, Report report) const {
    double operations = 0;
    const auto pass = [&](const ConvolutionLayer& layer, imaging::Size grid) {
      const imaging::Size out = layer.grid(grid);
      operations += 2.0 * out.height * out.width * layer.out * layer.in * layer.kernel * layer.kernel;
      return out;
    };
    imaging::Size grid = pooled_grid(pass(layers_.stem, input));
    for (std::size_t stage = 0; stage < layers_.stages.size(); ++stage) {
      for (const auto& block : layers_.stages[stage]) {
        if (block.downsample) pass(*block.downsample, grid);
        for (const auto& layer : block.convolutions) grid = pass(layer, grid);
      }
      report(stage, grid);
    }
    return operations;
  }

  /// A tensor inside a loaded layer that a plain ResNet does not have would silently change what the network computes.
  void refuse_foreign_tensors(const std::string& name, const WeightSource& source) const {
    for (const auto& tensor : source.unused()) {
      const bool head = tensor.starts_with("fc.");
      bool deeper = false;
      for (std::size_t stage = stages_.size(); stage < kTapNames.size(); ++stage) {
        deeper = deeper || tensor.starts_with(kTapNames[stage] + ".");
      }
      if (head || deeper) continue;
      source.fail(fmt::format("tensor '{}' does not belong to a plain {}", tensor, name),
                  "Give the weights of exactly this network; variants with further tensors are not supported.");
    }
  }

  std::vector<int> taps_;  // stage indices, in the order asked for
  std::string description_;
  Preprocessing preprocessing_;
  at::ScalarType type_;
  std::string origin_;
  std::string sha256_;
  ResNetArchitecture architecture_;
  ResNetLayers layers_;
  FoldedConvolution stem_;
  std::vector<std::vector<FoldedBlock>> stages_;
};

}  // namespace

Precision parse_precision(const std::string& name) {
  if (name == "float32") return Precision::kFloat32;
  if (name == "bfloat16") return Precision::kBfloat16;
  throw core::ConfigError(fmt::format("there is no precision '{}'", name), "backbone.precision",
                          core::did_you_mean(name, {"float32", "bfloat16"}));
}

std::unique_ptr<FeatureExtractor> load_resnet(const std::string& name, const std::filesystem::path& weights,
                                              const std::vector<std::string>& taps, const Preprocessing& preprocessing,
                                              Precision precision) {
  WeightSource source(SafetensorsFile::open(weights));
  return std::make_unique<ResNet>(name, std::move(source), taps, preprocessing, precision,
                                  core::sha256_hex_of_file(weights));
}

std::unique_ptr<FeatureExtractor> make_resnet(const std::string& name, const TensorMap& weights,
                                              const std::string& origin, const std::vector<std::string>& taps,
                                              const Preprocessing& preprocessing, Precision precision) {
  return std::make_unique<ResNet>(name, WeightSource(weights, origin), taps, preprocessing, precision, "");
}

}  // namespace normadd::networks
