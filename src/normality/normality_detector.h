// SPDX-License-Identifier: Apache-2.0
// The normality detector: where does this image show the added type?
// Source: arXiv 2407.19849 (normality detection module, built on APRIL-GAN's dense text-image similarity).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "imaging/geometry.h"
#include "imaging/image.h"

namespace normadd::normality {

/// The texts of one pair under one prompt set, as they will be encoded (templates already applied).
struct TextPair {
  std::string key;                    // e.g. "described/carpet/thread", for errors and caches
  std::vector<std::string> positive;  // shows the added type
  std::vector<std::string> negative;  // does not
};

/// Suppression maps of one image: one per text pair, values in [0, 1], sharing one geometry.
struct Suppression {
  std::vector<imaging::Map> maps;
  imaging::Geometry geometry;
};

/// What the image tower gives for one image: all that comparing it with any text needs, so that it can be kept.
struct ImageFeatures {
  std::vector<at::Tensor> tokens;  // per tap [grid.height * grid.width, E], float32, unit length, row by row
  imaging::Size grid;
  imaging::Size input;  // of the picture that the tower saw, px
  imaging::Geometry geometry;
};

class NormalityDetector {
 public:
  virtual ~NormalityDetector() = default;
  /// Encodes the texts once; replaces what was encoded before.
  virtual void encode(std::span<const TextPair> pairs) = 0;
  /// How many text pairs were encoded.
  virtual std::size_t num_pairs() const = 0;

  /// One pass of the image tower per image; knows no text. Throws WeightsError when a value is not finite.
  virtual std::vector<ImageFeatures> features(std::span<const imaging::Image> images) const = 0;
  /// A_sup of text pair number pair. To the bit the same whatever other texts were encoded and however many threads
  /// run; several threads may call it at once.
  virtual imaging::Map suppression(const ImageFeatures& image, std::size_t pair) const = 0;
  /// features() and the maps of all text pairs.
  std::vector<Suppression> suppress(std::span<const imaging::Image> images) const;

  /// All that decides features(), as one JSON object: weights by sha256, preparation of pictures, layers.
  virtual std::string feature_settings() const = 0;
  /// All that decides a suppression map beside the texts; contains feature_settings().
  virtual std::string settings() const = 0;

  /// How many images went through the image tower so far.
  std::size_t image_passes() const { return image_passes_; }

 protected:
  mutable std::size_t image_passes_ = 0;
};

}  // namespace normadd::normality
