// SPDX-License-Identifier: Apache-2.0
// Fresh weights. Source: open_clip transformer.py, init_parameters (standard deviations); OpenAI's CLIP for the image
// tower's class token, positions and projection. Differs: the image tower's blocks follow the text tower's rule too,
// and all biases start at 0.
#include <ATen/ATen.h>

#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "networks/clip.h"
#include "networks/clip_parameters.h"

namespace normadd::networks {
namespace {

/// A temperature of 0.07, as in the paper's section 2.5.
const double kInitialLogitScale = std::log(1.0 / 0.07);

/// Standard deviation of a tensor that starts random, or 0.
double deviation_of(const std::string& name, const ClipConfig& config) {
  const ClipTower& tower = name.starts_with("visual.") ? config.vision : config.text;
  const double scale = std::pow(tower.width, -0.5);
  if (name == "visual.conv1.weight") return 1.0 / std::sqrt(3.0 * config.patch_px * config.patch_px);
  if (name == "token_embedding.weight") return 0.02;
  if (name == "positional_embedding") return 0.01;
  if (name.ends_with("in_proj_weight")) return scale;
  if (name.ends_with("out_proj.weight") || name.ends_with("c_proj.weight"))
    return scale * std::pow(2.0 * tower.layers, -0.5);
  if (name.ends_with("c_fc.weight")) return std::pow(2.0 * tower.width, -0.5);
  const bool scaled = name == "visual.class_embedding" || name == "visual.positional_embedding" ||
                      name == "visual.proj" || name == "text_projection";
  return scaled ? scale : 0;
}

at::Tensor initial(const ClipParameter& parameter, const ClipConfig& config, std::uint64_t seed) {
  const std::string& name = parameter.name;
  const double deviation = deviation_of(name, config);
  if (deviation == 0) {
    const double value = name == "logit_scale" ? kInitialLogitScale : name.ends_with(".weight") ? 1 : 0;
    return at::full(parameter.shape, value, at::kFloat);
  }
  at::Tensor tensor = at::empty(parameter.shape, at::kFloat);
  core::RandomStream random(seed, "clip/" + name);
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(deviation * random.normal());
  return tensor;
}

}  // namespace

Clip Clip::random(const ClipConfig& config, Tokenizer tokenizer, std::uint64_t seed) {
  Clip clip;
  clip.config_ = config;
  clip.config_.vocabulary = static_cast<int>(tokenizer.size());
  clip.tokenizer_ = std::make_shared<const Tokenizer>(std::move(tokenizer));
  NORMADD_CHECK(config.image_px % config.patch_px == 0 && config.vision.width % config.vision.heads == 0 &&
                    config.text.width % config.text.heads == 0,
                "sizes that do not divide");
  for (const auto& parameters : {image_parameters(config, config.vision.layers), text_parameters(clip.config_)}) {
    for (const auto& parameter : parameters) clip.weights_[parameter.name] = initial(parameter, config, seed);
  }
  return clip;
}

}  // namespace normadd::networks
