// SPDX-License-Identifier: Apache-2.0
// Trains a small CLIP with dense layers from procedural pictures and their captions, from random weights, on a CPU.
// Towers, dense layers and tokenizer are all learned together: image-caption matching (Radford et al., arXiv
// 2103.00020) and naming the defect of every patch (losses of Chen et al., arXiv 2305.17382, with one class per defect
// type). Differs from both: the text tower is trained by the dense losses too, on windows of the pictures for most of
// the time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "config/options.h"
#include "networks/clip_config.h"

namespace normadd::training {

struct ClipTrainingOptions {
  int seed = 1;
  int steps = 2400;
  int warmup_steps = 100;
  double learning_rate = 1.5e-3;
  double weight_decay = 0.02;
  double max_gradient_norm = 1.0;

  int pictures = 5600;
  int side_px = 128;
  int window_px = 64;
  double window_share = 0.85;
  int window_batch = 64;
  int full_batch = 21;

  std::vector<int> taps{2, 3, 4};
  double temperature = 30;
  double focal_weight = 0.5;
  double dice_weight = 1.0;
  double cross_entropy_weight = 1.0;
  double normal_patch_weight = 0.05;
  double contrastive_weight = 0.3;

  int patch_px = 8;
  int vision_width = 128, vision_layers = 4, vision_heads = 4;
  int text_width = 96, text_layers = 2, text_heads = 3;
  int embedding = 64;
  int context = 32;
  int merges = 300;
  bool half = true;

  int checkpoint_every = 100;
  std::optional<int> stop_at_step;
  int drawing_threads = 2;

  void describe(config::Options& o);
  /// What the options say about the model's shape; the vocabulary follows from the captions.
  networks::ClipConfig clip_config() const;
  /// Relations between fields. Throws ConfigError naming the field.
  void check() const;
};

/// Leaves in out: open_clip_config.json, open_clip_model.safetensors, merges.txt, dense_layers.safetensors,
/// loss_curve.csv and .svg. While it runs, out/checkpoint holds the same files as they stand and the state to go on
/// from: the same call after an interruption continues there and ends with the same bytes. Throws ConfigError when that
/// state belongs to other options.
void train_clip(const ClipTrainingOptions& options, const std::filesystem::path& out);

}  // namespace normadd::training
