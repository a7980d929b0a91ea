// SPDX-License-Identifier: Apache-2.0
#include "training/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "core/error.h"

namespace normadd::training {

void save_checkpoint(const std::filesystem::path& file, const networks::TensorMap& weights, const AdamW& optimiser,
                     const std::string& options) {
  networks::TensorMap all = optimiser.state();
  for (const auto& [name, tensor] : weights) all["weight/" + name] = tensor;
  networks::write_safetensors(file, all, {{"steps", std::to_string(optimiser.steps())}, {"options", options}});
}

std::optional<std::int64_t> load_checkpoint(const std::filesystem::path& path, networks::TensorMap& weights,
                                            AdamW& optimiser, const std::string& options) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto file = networks::SafetensorsFile::open(path);
  const auto& metadata = file.metadata();
  if (!metadata.contains("steps") || !metadata.contains("options")) {
    throw core::WeightsError("this is not a training checkpoint: steps or options are missing", path.string(),
                             "Remove it to train from the start.");
  }
  if (metadata.at("options") != options) {
    throw core::ConfigError(fmt::format("a training with other options stopped here: {}", metadata.at("options")),
                            path.string(), "Use these options to go on with it, or remove the checkpoint.");
  }
  const at::NoGradGuard no_gradients;
  for (auto& [name, tensor] : weights) {
    const at::Tensor stored = file.tensor("weight/" + name);
    if (stored.sizes() != tensor.sizes()) {
      throw core::WeightsError(fmt::format("'weight/{}' has another shape than the model", name), path.string(),
                               "Remove the checkpoint to train from the start.");
    }
    tensor.copy_(stored);
  }
  const std::int64_t steps = std::stoll(metadata.at("steps"));
  optimiser.restore(file.tensors(), steps, path.string());
  return steps;
}

}  // namespace normadd::training
