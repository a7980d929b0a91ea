// SPDX-License-Identifier: Apache-2.0
// What a weight file holds, told from the names and shapes of its tensors alone.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "networks/safetensors.h"
#include "weights/catalogue.h"

namespace normadd::weights {

enum class Content {
  kResNet,       // a plain (wide) ResNet
  kOtherResNet,  // one that this program does not build: deep stem, grouped convolutions, other depths
  kClip,         // both towers, vision transformer
  kClipImage,    // the image tower alone
  kClipText,     // the text tower alone
  kClipResNet,   // a CLIP whose image tower is a ResNet
  kDenseLayers,  // APRIL-GAN's linear layers
  kDetector,     // a detector that this program saved
  kUnknown
};

struct Recognised {
  Content content = Content::kUnknown;
  std::string architecture;  // "wide_resnet50_2", "ViT-L-14-336"; empty when no known one has these sizes
  std::string naming;        // whose tensor names: torchvision/timm, open_clip, OpenAI, Hugging Face, timm
  std::vector<std::pair<std::string, std::string>> facts;  // "image tower" -> "width 1024, 24 blocks, patches of 14 px"

  /// "a CLIP (ViT-L-14-336)", "wide_resnet50_2", "APRIL-GAN's linear layers", …
  std::string noun() const;
};

/// Reads the header only. cards: for the names of CLIP's sizes.
Recognised recognise(const networks::SafetensorsFile& file, const Catalogue& cards);

/// The configuration that takes the file, "backbone=wide_resnet50_2 backbone.weights=FILE"; empty when there is none.
std::string configuration_for(const Recognised& recognised, const std::filesystem::path& file);

}  // namespace normadd::weights
