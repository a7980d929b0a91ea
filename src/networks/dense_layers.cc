// SPDX-License-Identifier: Apache-2.0
#include "networks/dense_layers.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/number_text.h"
#include "core/random.h"

namespace normadd::networks {
namespace {

at::Tensor uniform_tensor(std::uint64_t seed, const std::string& name, at::IntArrayRef shape, double limit) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  core::RandomStream random(seed, "dense/" + name);
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(random.uniform(-limit, limit));
  return tensor;
}

constexpr const char* kModelKey = "clip_sha256";
constexpr const char* kCheckpointPrefix = "trainable_linearlayer.";

std::string metadata_value(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    throw core::WeightsError(fmt::format("the dense layers do not say their {}", key), file.path().string(),
                             fmt::format("Add '{}' to the file's metadata.", key));
  }
  return found->second;
}

double number_in(const std::string& text, const std::filesystem::path& path) {
  try {
    return std::stod(text);
  } catch (const std::exception&) {
    throw core::WeightsError(fmt::format("the metadata of the dense layers has '{}' where a number belongs", text),
                             path.string(), "Write taps as 2,3,4 and temperature as 30.");
  }
}

std::vector<int> numbers_in(const std::string& list, const std::filesystem::path& path) {
  std::vector<int> numbers;
  std::istringstream items(list);
  for (std::string item; std::getline(items, item, ',');) numbers.push_back(static_cast<int>(number_in(item, path)));
  return numbers;
}

void check_metadata(const DenseLayers& layers, const ClipConfig& config, const std::filesystem::path& path) {
  if (!std::isfinite(layers.temperature) || layers.temperature <= 0) {
    throw core::WeightsError(fmt::format("the dense layers' temperature is {}", layers.temperature), path.string(),
                             "It must be a positive number; train the layers again.");
  }
  for (std::size_t i = 0; i < layers.taps.size(); ++i) {
    const int tap = layers.taps[i];
    if (tap >= 1 && tap <= config.vision.layers && (i == 0 || tap > layers.taps[i - 1])) continue;
    throw core::WeightsError(fmt::format("the dense layers are for blocks {}, the model has {}",
                                         fmt::join(layers.taps, ", "), config.vision.layers),
                             path.string(), "Use layers trained on this model.");
  }
  if (layers.taps.empty())
    throw core::WeightsError("the dense layers name no block", path.string(), "Train them again.");
}

at::Tensor checked_tensor(const SafetensorsFile& file, const std::string& name, at::IntArrayRef shape,
                          const std::filesystem::path& path) {
  const at::Tensor stored = file.tensor(name);
  if (!stored.is_floating_point()) {
    throw core::WeightsError(
        fmt::format("the tensor '{}' has the dtype {}, not floating point", name, file.dtype(name)), path.string(),
        "Convert the layers to F32, F16 or BF16.");
  }
  const at::Tensor tensor = stored.to(at::kFloat).clone();
  if (tensor.sizes() != shape) {
    throw core::WeightsError(fmt::format("the tensor '{}' is {}, the model needs {}", name,
                                         fmt::join(tensor.sizes(), "x"), fmt::join(shape, "x")),
                             path.string(), "Use layers trained on this model.");
  }
  if (!at::isfinite(tensor).all().item<bool>()) {
    throw core::WeightsError(fmt::format("the tensor '{}' has values that are not finite", name), path.string(),
                             "Train the layers again, with a lower learning_rate.");
  }
  return tensor;
}

}  // namespace

DenseLayers DenseLayers::random(const ClipConfig& config, std::vector<int> taps, double temperature,
                                std::uint64_t seed) {
  DenseLayers layers{std::move(taps), temperature, {}, {}};
  const double limit = 1 / std::sqrt(static_cast<double>(config.vision.width));
  for (std::size_t i = 0; i < layers.taps.size(); ++i) {
    const std::string name = fmt::format("fc.{}.", i);
    layers.weights[name + "weight"] =
        uniform_tensor(seed, name + "weight", {config.embedding, config.vision.width}, limit);
    layers.weights[name + "bias"] = uniform_tensor(seed, name + "bias", {config.embedding}, limit);
  }
  return layers;
}

DenseLayers DenseLayers::load(const std::filesystem::path& path, const ClipConfig& config,
                              const std::optional<DenseLayerFacts>& unsaid) {
  const auto file = SafetensorsFile::open(path);
  DenseLayers layers;
  const auto says = [&](const char* key) { return file.metadata().find(key) != file.metadata().end(); };
  if (unsaid && !says("taps")) {
    layers.taps = unsaid->taps;
  } else {
    layers.taps = numbers_in(metadata_value(file, "taps"), path);
  }
  layers.temperature =
      unsaid && !says("temperature") ? unsaid->temperature : number_in(metadata_value(file, "temperature"), path);
  check_metadata(layers, config, path);
  if (const auto model = file.metadata().find(kModelKey); model != file.metadata().end()) {
    layers.clip_sha256 = model->second;
  }
  const std::string prefix = file.contains(fmt::format("{}fc.0.weight", kCheckpointPrefix)) ? kCheckpointPrefix : "";
  for (std::size_t i = 0; i < layers.taps.size(); ++i) {
    const std::string name = fmt::format("fc.{}.", i);
    layers.weights[name + "weight"] =
        checked_tensor(file, prefix + name + "weight", {config.embedding, config.vision.width}, path);
    layers.weights[name + "bias"] = checked_tensor(file, prefix + name + "bias", {config.embedding}, path);
  }
  if (file.contains(fmt::format("{}fc.{}.weight", prefix, layers.taps.size()))) {
    throw core::WeightsError(
        fmt::format("there are more dense layers than the blocks {} that they are for", fmt::join(layers.taps, ", ")),
        path.string(), "Name a block for each, in ascending order.");
  }
  return layers;
}

void DenseLayers::save(const std::filesystem::path& file) const {
  std::map<std::string, std::string> metadata{{"taps", fmt::format("{}", fmt::join(taps, ","))},
                                              {"temperature", core::shortest_text(temperature)}};
  if (!clip_sha256.empty()) metadata[kModelKey] = clip_sha256;
  write_safetensors(file, weights, metadata);
}

at::Tensor DenseLayers::project(std::size_t index, const at::Tensor& tokens) const {
  const std::string name = fmt::format("fc.{}.", index);
  return unit_length(at::linear(tokens, weights.at(name + "weight"), weights.at(name + "bias")));
}

at::Tensor unit_length(const at::Tensor& x) { return x / x.norm(2, -1, /*keepdim=*/true).clamp_min(1e-12); }

}  // namespace normadd::networks
