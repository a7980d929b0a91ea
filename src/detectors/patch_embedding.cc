// SPDX-License-Identifier: Apache-2.0
#include "detectors/patch_embedding.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/error.h"

namespace normadd::detectors {
namespace {

constexpr int kPatch = 3;
constexpr int kTaps = kPatch * kPatch;

/// Adaptive average pooling: bin i of bins covers elements [begin, end) of length (torch's rule).
struct Bin {
  std::int64_t begin, end;
};
Bin bin_of(std::int64_t i, std::int64_t bins, std::int64_t length) {
  return {i * length / bins, ((i + 1) * length + bins - 1) / bins};
}

/// plane += the map's channel shifted by one 3x3 offset; what would come from outside is zero.
void add_shifted(const float* channel, std::int64_t height, std::int64_t width, int offset, float* plane) {
  const std::int64_t dy = offset / kPatch - 1, dx = offset % kPatch - 1;
  const std::int64_t first = std::max<std::int64_t>(0, -dx), last = std::min(width, width - dx);
  for (std::int64_t y = std::max<std::int64_t>(0, -dy); y < std::min(height, height - dy); ++y) {
    const float* in = channel + (y + dy) * width + dx;
    float* out = plane + y * width;
    for (std::int64_t x = first; x < last; ++x) out[x] += in[x];
  }
}

/// [C, h, w] -> [layer_dims, h, w]: unfold and adaptive pooling in one go.
at::Tensor pooled_patches(const at::Tensor& map, int layer_dims) {
  const std::int64_t channels = map.size(0), height = map.size(1), width = map.size(2);
  at::Tensor pooled = at::zeros({layer_dims, height, width});
  const float* in = map.data_ptr<float>();
  float* out = pooled.data_ptr<float>();
  at::parallel_for(0, layer_dims, 32, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Bin bin = bin_of(i, layer_dims, channels * kTaps);
      float* plane = out + i * height * width;
      for (std::int64_t element = bin.begin; element < bin.end; ++element) {
        add_shifted(in + element / kTaps * height * width, height, width, static_cast<int>(element % kTaps), plane);
      }
      const float scale = 1.0f / static_cast<float>(bin.end - bin.begin);
      for (std::int64_t k = 0; k < height * width; ++k) plane[k] *= scale;
    }
  });
  return pooled;
}

/// Planes of all layers [L, h * w] -> rows [h * w, output_dims]: the last pooling, transposed in blocks that stay in
/// cache.
void pool_into_rows(const at::Tensor& planes, int output_dims, float* rows) {
  const std::int64_t length = planes.size(0), positions = planes.size(1);
  const float* in = planes.data_ptr<float>();
  constexpr std::int64_t kBlock = 64;
  at::parallel_for(0, (positions + kBlock - 1) / kBlock, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * kBlock, last = std::min(positions, first + kBlock);
      for (std::int64_t i = 0; i < output_dims; ++i) {
        const Bin bin = bin_of(i, output_dims, length);
        float sums[kBlock] = {};
        for (std::int64_t element = bin.begin; element < bin.end; ++element) {
          const float* plane = in + element * positions;
          for (std::int64_t k = first; k < last; ++k) sums[k - first] += plane[k];
        }
        const float scale = 1.0f / static_cast<float>(bin.end - bin.begin);
        for (std::int64_t k = first; k < last; ++k) rows[k * output_dims + i] = sums[k - first] * scale;
      }
    }
  });
}

at::Tensor to_grid(const at::Tensor& planes, std::int64_t height, std::int64_t width) {
  if (planes.size(1) == height && planes.size(2) == width) return planes;
  return at::upsample_bilinear2d(planes.unsqueeze(0), {height, width}, /*align_corners=*/false).squeeze(0);
}

/// [C, h, w] -> [C, h, w]: the mean of each 3x3, zeros outside counted.
at::Tensor averaged_patches(const at::Tensor& map) {
  return at::avg_pool2d(map.unsqueeze(0), {kPatch, kPatch}, {1, 1}, {1, 1}, /*ceil_mode=*/false,
                        /*count_include_pad=*/true)
      .squeeze(0);
}

}  // namespace

std::int64_t embedding_dims(const std::vector<int>& channels, const PatchEmbeddingOptions& options) {
  if (options.pooling == Pooling::kAdaptive) return options.output_dims;
  return std::accumulate(channels.begin(), channels.end(), std::int64_t{0});
}

at::Tensor patch_embeddings(const std::vector<at::Tensor>& maps, const PatchEmbeddingOptions& options) {
  NORMADD_CHECK(!maps.empty(), "no feature maps");
  const bool adaptive = options.pooling == Pooling::kAdaptive;
  const std::int64_t batch = maps[0].size(0), height = maps[0].size(2), width = maps[0].size(3);
  std::vector<int> channels;
  for (const at::Tensor& map : maps) channels.push_back(static_cast<int>(map.size(1)));
  const std::int64_t dims = embedding_dims(channels, options);
  at::Tensor rows = at::empty({batch * height * width, dims});
  at::Tensor planes = at::empty({adaptive ? std::ssize(maps) * options.layer_dims : dims, height * width});
  for (std::int64_t b = 0; b < batch; ++b) {
    std::int64_t first = 0;
    for (const at::Tensor& layer : maps) {
      const at::Tensor map = layer[b].to(at::kFloat).contiguous();
      const at::Tensor pooled = adaptive ? pooled_patches(map, options.layer_dims) : averaged_patches(map);
      planes.narrow(0, first, pooled.size(0)).copy_(to_grid(pooled, height, width).reshape({pooled.size(0), -1}));
      first += pooled.size(0);
    }
    at::Tensor image_rows = rows.narrow(0, b * height * width, height * width);
    if (adaptive) {
      pool_into_rows(planes, options.output_dims, image_rows.data_ptr<float>());
    } else {
      image_rows.copy_(planes.t());
    }
  }
  return rows;
}

}  // namespace normadd::detectors
