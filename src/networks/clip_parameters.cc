// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_parameters.h"

#include <fmt/format.h>

namespace normadd::networks {
namespace {

void add_norm(std::vector<ClipParameter>& parameters, const std::string& name, std::int64_t width) {
  parameters.push_back({name + ".weight", {width}});
  parameters.push_back({name + ".bias", {width}});
}

void add_blocks(std::vector<ClipParameter>& parameters, const std::string& prefix, const ClipTower& tower,
                int num_blocks) {
  const std::int64_t width = tower.width, mlp = tower.mlp_width;
  for (int block = 0; block < num_blocks; ++block) {
    const std::string name = fmt::format("{}resblocks.{}.", prefix, block);
    add_norm(parameters, name + "ln_1", width);
    parameters.push_back({name + "attn.in_proj_weight", {3 * width, width}});
    parameters.push_back({name + "attn.in_proj_bias", {3 * width}});
    parameters.push_back({name + "attn.out_proj.weight", {width, width}});
    parameters.push_back({name + "attn.out_proj.bias", {width}});
    add_norm(parameters, name + "ln_2", width);
    parameters.push_back({name + "mlp.c_fc.weight", {mlp, width}});
    parameters.push_back({name + "mlp.c_fc.bias", {mlp}});
    parameters.push_back({name + "mlp.c_proj.weight", {width, mlp}});
    parameters.push_back({name + "mlp.c_proj.bias", {width}});
  }
}

}  // namespace

std::vector<ClipParameter> image_parameters(const ClipConfig& config, int last_block) {
  const std::int64_t width = config.vision.width, patch = config.patch_px, cells = config.grid() * config.grid();
  std::vector<ClipParameter> parameters = {{"visual.conv1.weight", {width, 3, patch, patch}},
                                           {"visual.class_embedding", {width}},
                                           {"visual.positional_embedding", {cells + 1, width}}};
  add_norm(parameters, "visual.ln_pre", width);
  add_blocks(parameters, "visual.transformer.", config.vision, last_block);
  if (last_block == config.vision.layers) {
    add_norm(parameters, "visual.ln_post", width);
    parameters.push_back({"visual.proj", {width, config.embedding}});
  }
  return parameters;
}

std::vector<ClipParameter> text_parameters(const ClipConfig& config) {
  const std::int64_t width = config.text.width;
  std::vector<ClipParameter> parameters = {{"token_embedding.weight", {config.vocabulary, width}},
                                           {"positional_embedding", {config.context, width}}};
  add_blocks(parameters, "transformer.", config.text, config.text.layers);
  add_norm(parameters, "ln_final", width);
  parameters.push_back({"text_projection", {width, config.embedding}});
  parameters.push_back({"logit_scale", {}});
  return parameters;
}

}  // namespace normadd::networks
