// SPDX-License-Identifier: Apache-2.0
// The tensors that a CLIP of a given description has: canonical (open_clip) names and shapes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "networks/clip_config.h"

namespace normadd::networks {

struct ClipParameter {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// Image tower up to block last_block, 1 <= last_block <= config.vision.layers; with the last block also ln_post and
/// projection.
std::vector<ClipParameter> image_parameters(const ClipConfig& config, int last_block);

/// Text tower and logit_scale.
std::vector<ClipParameter> text_parameters(const ClipConfig& config);

}  // namespace normadd::networks
