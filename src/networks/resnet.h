// SPDX-License-Identifier: Apache-2.0
// Frozen (wide) ResNets with taps on layer1 … layer4. Batch norm is folded into the convolutions when they are loaded.
// Source: architecture as in resnet_architecture.h. Differs from torchvision and timm only by rounding (folded norms).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "networks/feature_extractor.h"
#include "networks/safetensors.h"

namespace normadd::networks {

/// Arithmetic of the convolutions; the maps that come out are float32 in both cases. kBfloat16 halves the time on CPUs
/// with bfloat16 instructions and is right to about 1 %; elsewhere it is slower than kFloat32.
enum class Precision { kFloat32, kBfloat16 };

/// "float32", "bfloat16". Throws ConfigError with the valid names.
Precision parse_precision(const std::string& name);

/// name: one of resnet_names() (resnet18, resnet50, wide_resnet50_2, micro_resnet, …); taps: any of "layer1" …
/// "layer4", each once. Layers beyond the deepest tap are neither loaded nor needed in the file. Throws ConfigError for
/// an unknown name or tap; WeightsError naming file and tensor for missing, misshaped or foreign tensors and for
/// variants with another stem.
std::unique_ptr<FeatureExtractor> load_resnet(const std::string& name, const std::filesystem::path& weights,
                                              const std::vector<std::string>& taps, const Preprocessing& preprocessing,
                                              Precision precision = Precision::kFloat32);

/// Same, from tensors in memory; origin stands for the file in messages, and weights_sha256() is empty.
std::unique_ptr<FeatureExtractor> make_resnet(const std::string& name, const TensorMap& weights,
                                              const std::string& origin, const std::vector<std::string>& taps,
                                              const Preprocessing& preprocessing,
                                              Precision precision = Precision::kFloat32);

}  // namespace normadd::networks
