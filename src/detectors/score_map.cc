// SPDX-License-Identifier: Apache-2.0
#include "detectors/score_map.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "imaging/resample.h"

namespace normadd::detectors {
namespace {

/// Which of in samples covers each of out ones. In float32, as torch computes it.
std::vector<int> nearest_sources(int in, int out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  std::vector<int> sources(static_cast<std::size_t>(out));
  for (int i = 0; i < out; ++i) {
    sources[static_cast<std::size_t>(i)] =
        std::min(static_cast<int>(std::floor(static_cast<float>(i) * scale)), in - 1);
  }
  return sources;
}

imaging::Map resize_nearest(const imaging::Map& map, imaging::Size size) {
  const std::vector<int> rows = nearest_sources(map.height, size.height),
                         columns = nearest_sources(map.width, size.width);
  imaging::Map out(size.height, size.width);
  for (int y = 0; y < size.height; ++y) {
    const float* const in = map.row(rows[static_cast<std::size_t>(y)]);
    for (int x = 0; x < size.width; ++x) out.row(y)[x] = in[columns[static_cast<std::size_t>(x)]];
  }
  return out;
}

}  // namespace

imaging::Map score_map(const imaging::Map& patch_scores, imaging::Size size, const ScoreMapOptions& options) {
  imaging::Map map = options.upsampling == Upsampling::kNearest ? resize_nearest(patch_scores, size)
                                                                : imaging::resize_bilinear(patch_scores, size);
  return options.blur_sigma_px ? imaging::gaussian_blur(map, *options.blur_sigma_px, options.blur_border) : map;
}

}  // namespace normadd::detectors
