// SPDX-License-Identifier: Apache-2.0
// The normality detector: where does this image show the added type?
// Source: arXiv 2407.19849 (normality detection module, built on APRIL-GAN's dense text-image similarity).
#pragma once

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

class NormalityDetector {
 public:
  virtual ~NormalityDetector() = default;
  /// Encodes the texts once; replaces what was encoded before.
  virtual void encode(std::span<const TextPair> pairs) = 0;
  /// One pass of the image tower per image, whatever the number of text pairs.
  virtual std::vector<Suppression> suppress(std::span<const imaging::Image> images) const = 0;
};

}  // namespace normadd::normality
