// SPDX-License-Identifier: Apache-2.0
// Trains APRIL-GAN's linear layers over a frozen CLIP: which patches of an image are anomalous, whatever the product.
// Source: Chen et al., arXiv 2305.17382; train.py and loss.py of ByChelsea/VAND-APRIL-GAN (behaviour): test split of an
// auxiliary dataset, batch 8, Adam 1e-3 with betas 0.5 and 0.999, sum over the taps of focal and dice on the softmaxed
// maps; pictures squashed to the model's square; mosaic with a probability.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/options.h"
#include "imaging/image.h"
#include "networks/clip.h"
#include "networks/dense_layers.h"

namespace normadd::training {

struct AprilGanTrainingOptions {
  int seed = 111;
  int epochs = 15;
  int batch = 8;
  double learning_rate = 1e-3;
  double beta1 = 0.5, beta2 = 0.999;
  std::vector<int> taps{6, 12, 18, 24};
  double temperature = 100;
  double mosaic_probability = 0;
  std::string mask_resize = "bilinear";

  void describe(config::Options& o);
};

struct SegmentationSample {
  imaging::Image image;  // RGB, any size
  imaging::Mask mask;    // same size, anomalous where not 0; an empty one stands for a normal image
  std::string category;
};

/// What a mosaic is drawn by.
struct SampleGroup {
  std::string category;
  std::string type;  // "good" or a defect type
};

/// The samples of any dataset: how many, and number i. Asked for in shuffled order, once per epoch.
struct SampleSource {
  std::size_t count = 0;
  std::function<SegmentationSample(std::size_t)> sample;
  /// Tells these samples and texts from others, such as a content hash: a training goes on with its own only.
  std::string identity = "";
  /// Of sample number i, without reading it; only mosaics need it.
  std::function<SampleGroup(std::size_t)> group = {};
};

/// Texts of a category: each list becomes one direction (normalise, mean, normalise).
struct StateTexts {
  std::vector<std::string> normal;
  std::vector<std::string> anomalous;
};
using StateTextsOf = std::function<StateTexts(const std::string& category)>;

/// Trains from the seed and writes out/dense_layers.safetensors, out/loss_curve.csv and .svg; after each epoch
/// out/checkpoint/state.safetensors, from which the same call goes on. Returns the layers.
/// Throws ConfigError for taps that the model does not have and for a mosaic of samples without groups, DataError for
/// an empty source or a mask of another size.
networks::DenseLayers train_april_gan(const networks::Clip& clip, const SampleSource& source, const StateTextsOf& texts,
                                      const AprilGanTrainingOptions& options, const std::filesystem::path& out);

}  // namespace normadd::training
