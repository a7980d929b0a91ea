// SPDX-License-Identifier: Apache-2.0
// Four pictures of a category as one, 2 x 2: anomalies become smaller and normal pictures stand beside them.
// Source: the mosaic of ByChelsea/VAND-APRIL-GAN dataset.py (behaviour), arXiv 2305.17382.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/random.h"
#include "training/april_gan_training.h"

namespace normadd::training {

/// Row by row, at full size; the canvas is twice as high and as wide as the first picture, what reaches beyond is cut.
/// The category is the first one's.
SegmentationSample mosaic_of(const std::array<SegmentationSample, 4>& samples);

/// Draws samples as the reference does: first a defect type of the category (good is one), then a sample of that type,
/// so that rare types come as often as frequent ones.
class MosaicDraw {
 public:
  /// Throws ConfigError when the source does not tell categories and types.
  explicit MosaicDraw(const SampleSource& source);
  std::array<std::size_t, 4> draw(const std::string& category, core::RandomStream& random) const;

 private:
  std::map<std::string, std::vector<std::vector<std::size_t>>> samples_;  // per category, per type
};

}  // namespace normadd::training
