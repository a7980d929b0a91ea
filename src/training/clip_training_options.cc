// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "training/clip_training.h"

namespace normadd::training {

void ClipTrainingOptions::describe(config::Options& o) {
  o.field("seed", seed).help("root of all random numbers").at_least(0);
  o.field("steps", steps).help("updates of the weights").at_least(1);
  o.field("warmup_steps", warmup_steps).help("steps in which the learning rate rises to its peak").at_least(0);
  o.field("learning_rate", learning_rate).help("peak, reached after the warm-up; a cosine to 0 follows").above(0);
  o.field("weight_decay", weight_decay).help("decoupled weight decay of all matrices").at_least(0);
  o.field("max_gradient_norm", max_gradient_norm).help("joint norm to which gradients are clipped").above(0);
  o.field("pictures", pictures).help("procedural training pictures drawn beforehand").at_least(1);
  o.field("side_px", side_px).help("side of the pictures and of the model's input").unit("px").at_least(8);
  o.field("window_px", window_px).help("side of the windows of the first phase").unit("px").at_least(8);
  o.field("window_share", window_share)
      .help("share of the steps that see windows instead of whole pictures")
      .range(0, 1);
  o.field("window_batch", window_batch).help("windows per step").at_least(2);
  o.field("full_batch", full_batch).help("whole pictures per step").at_least(2);
  o.field("taps", taps).help("blocks, counted from 1, that get a dense layer").at_least(1);
  o.field("temperature", temperature).help("factor on the cosines of the dense losses").above(0);
  o.field("focal_weight", focal_weight).help("weight of the focal loss").at_least(0);
  o.field("dice_weight", dice_weight).help("weight of the dice loss").at_least(0);
  o.field("cross_entropy_weight", cross_entropy_weight).help("weight of the cross-entropy over the types").at_least(0);
  o.field("normal_patch_weight", normal_patch_weight).help("weight of normal patches in the cross-entropy").above(0);
  o.field("contrastive_weight", contrastive_weight).help("weight of matching pictures with captions").at_least(0);
  o.field("patch_px", patch_px).help("side of a patch").unit("px").at_least(1);
  o.field("vision_width", vision_width).help("width of the image tower").at_least(1);
  o.field("vision_layers", vision_layers).help("blocks of the image tower").at_least(1);
  o.field("vision_heads", vision_heads).help("attention heads of the image tower").at_least(1);
  o.field("text_width", text_width).help("width of the text tower").at_least(1);
  o.field("text_layers", text_layers).help("blocks of the text tower").at_least(1);
  o.field("text_heads", text_heads).help("attention heads of the text tower").at_least(1);
  o.field("embedding", embedding).help("width of the joint embedding").at_least(1);
  o.field("context", context).help("longest text, in tokens").at_least(4);
  o.field("merges", merges).help("byte-pair merges learned from the captions").at_least(1);
  o.field("half", half).help("store the weights in 16 bits");
  o.field("checkpoint_every", checkpoint_every).help("steps between two checkpoints").at_least(1);
  o.field("stop_at_step", stop_at_step).help("leave a checkpoint here and end; the next call goes on").at_least(1);
  o.field("drawing_threads", drawing_threads).help("threads that draw the pictures").at_least(1);
}

networks::ClipConfig ClipTrainingOptions::clip_config() const {
  networks::ClipConfig config;
  config.embedding = embedding;
  config.image_px = side_px;
  config.patch_px = patch_px;
  config.vision = {vision_width, vision_layers, vision_heads, 4 * vision_width};
  config.text = {text_width, text_layers, text_heads, 4 * text_width};
  config.context = context;
  config.activation = networks::Activation::kGelu;
  config.preprocessing = networks::Preprocessing::clip(side_px, networks::ResizeMode::kSquash);
  return config;
}

void ClipTrainingOptions::check() const {
  const auto require = [](bool holds, const std::string& what, const char* field, const char* hint) {
    if (!holds) throw core::ConfigError(what, field, hint);
  };
  require(side_px % patch_px == 0, fmt::format("{} px is no multiple of the patch of {} px", side_px, patch_px),
          "side_px", "Choose a multiple of patch_px.");
  require(window_px % patch_px == 0 && window_px <= side_px,
          fmt::format("a window of {} px does not fit the patch of {} px or the picture of {} px", window_px, patch_px,
                      side_px),
          "window_px", "Choose a multiple of patch_px, at most side_px.");
  require(vision_width % vision_heads == 0,
          fmt::format("width {} does not divide into {} heads", vision_width, vision_heads), "vision_heads",
          "Choose a divisor of vision_width.");
  require(text_width % text_heads == 0, fmt::format("width {} does not divide into {} heads", text_width, text_heads),
          "text_heads", "Choose a divisor of text_width.");
  require(!taps.empty(), "no block is tapped", "taps", "Name at least one block.");
  for (std::size_t i = 0; i < taps.size(); ++i) {
    require(taps[i] >= 1 && taps[i] <= vision_layers && (i == 0 || taps[i] > taps[i - 1]),
            fmt::format("tap {} of {} blocks", taps[i], vision_layers), "taps",
            "Name existing blocks in ascending order.");
  }
}

}  // namespace normadd::training
