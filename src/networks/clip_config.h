// SPDX-License-Identifier: Apache-2.0
// What a CLIP model looks like: the sizes of both towers, the activation and the preparation of its pictures.
// Source: the fields of open_clip_config.json, mlfoundations/open_clip model.py (CLIPVisionCfg, CLIPTextCfg).
#pragma once

#include <filesystem>
#include <string>

#include "networks/preprocessing.h"
#include "networks/transformer.h"

namespace normadd::networks {

struct ClipTower {
  int width = 0, layers = 0, heads = 0, mlp_width = 0;

  bool operator==(const ClipTower&) const = default;
};

struct ClipConfig {
  int embedding = 0;
  int image_px = 0, patch_px = 0;
  ClipTower vision;
  ClipTower text;
  int context = 77;
  int vocabulary = 49408;
  Activation activation = Activation::kGelu;
  Preprocessing preprocessing;

  /// Patches along one side of the model's own input.
  int grid() const { return image_px / patch_px; }

  /// Reads open_clip_config.json (model_cfg, preprocess_cfg). Throws WeightsError naming file and key; fields that ask
  /// for an architecture this program does not have (attention pooling, timm or Hugging Face towers, ResNet) are errors
  /// too.
  static ClipConfig read(const std::filesystem::path& json);
  /// The same from a text; file names it in errors.
  static ClipConfig parse(const std::string& json, const std::filesystem::path& file);
  std::string to_json() const;

  bool operator==(const ClipConfig&) const = default;
};

}  // namespace normadd::networks
