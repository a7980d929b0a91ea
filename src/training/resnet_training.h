// SPDX-License-Identifier: Apache-2.0
// Trains a small ResNet on procedural pictures, so that PatchCore has features where no downloaded network is at hand.
// Two tasks share the trunk: which category a window shows (the mean over the last stage), and which defect type, if
// any, each cell shows (from the second and from the last stage). The second makes features that notice small local
// changes. Windows are enlarged before they enter, as pictures are when PatchCore resizes them for the network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "config/options.h"

namespace normadd::training {

struct ResNetTrainingOptions {
  int seed = 2;
  int steps = 800;
  int warmup_steps = 50;
  double learning_rate = 2e-3;
  double weight_decay = 0.05;
  double max_gradient_norm = 5.0;

  int pictures = 2800;
  int side_px = 128;
  int window_px = 64;
  int window_batch = 48;
  int enlargement = 2;
  double normal_cell_weight = 0.05;
  double category_weight = 0.5;

  int base_width = 24;
  std::vector<int> blocks{2, 2, 2};
  bool half = true;

  int checkpoint_every = 100;
  std::optional<int> stop_at_step;
  int drawing_threads = 2;

  void describe(config::Options& o);
  /// Relations between fields. Throws ConfigError naming the field.
  void check() const;
};

/// Leaves in out: model.safetensors (torchvision's names, for backbone micro_resnet), loss_curve.csv and .svg;
/// out/checkpoint as for train_clip, with the same promise.
void train_resnet(const ResNetTrainingOptions& options, const std::filesystem::path& out);

}  // namespace normadd::training
