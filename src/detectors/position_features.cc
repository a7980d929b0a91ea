// SPDX-License-Identifier: Apache-2.0
#include "detectors/position_features.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace normadd::detectors {
namespace {

/// A selected channel of one image.
struct Plane {
  const float* values = nullptr;
  const std::int64_t* sources = nullptr;  // per position of the grid: index into values
};

/// Per position of the grid: which position of a map of another grid it takes.
std::vector<std::int64_t> nearest_positions(std::int64_t height, std::int64_t width, const at::Tensor& map) {
  const std::int64_t source_height = map.size(2), source_width = map.size(3);
  std::vector<std::int64_t> sources;
  sources.reserve(static_cast<std::size_t>(height * width));
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      sources.push_back(y * source_height / height * source_width + x * source_width / width);
    }
  }
  return sources;
}

/// Transposes in blocks whose rows stay in cache.
void fill_rows(const std::vector<Plane>& planes, std::int64_t positions, float* rows) {
  constexpr std::int64_t kBlock = 64;
  const auto dims = static_cast<std::int64_t>(planes.size());
  at::parallel_for(0, (positions + kBlock - 1) / kBlock, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t first = block * kBlock, last = std::min(positions, first + kBlock);
      for (std::int64_t i = 0; i < dims; ++i) {
        const Plane& plane = planes[static_cast<std::size_t>(i)];
        for (std::int64_t p = first; p < last; ++p) rows[p * dims + i] = plane.values[plane.sources[p]];
      }
    }
  });
}

}  // namespace

void position_features(const std::vector<at::Tensor>& maps, const std::vector<std::int64_t>& channels,
                       at::Tensor& rows) {
  NORMADD_CHECK(!maps.empty(), "no feature maps");
  const std::int64_t batch = maps[0].size(0), height = maps[0].size(2), width = maps[0].size(3);
  const auto dims = static_cast<std::int64_t>(channels.size());
  NORMADD_CHECK(rows.is_contiguous() && rows.sizes() == at::IntArrayRef({batch, height * width, dims}),
                fmt::format("{} positions, {} channels", height * width, dims));
  struct Place {
    std::size_t map;
    std::int64_t channel;
  };
  std::vector<Place> places;
  std::vector<at::Tensor> dense;
  std::vector<std::vector<std::int64_t>> sources;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    dense.push_back(maps[i].contiguous());
    sources.push_back(nearest_positions(height, width, maps[i]));
    for (std::int64_t channel = 0; channel < maps[i].size(1); ++channel) places.push_back({i, channel});
  }
  std::vector<Plane> planes(channels.size());
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      const Place place = places.at(static_cast<std::size_t>(channels[i]));
      const at::Tensor& map = dense[place.map];
      const std::int64_t area = map.size(2) * map.size(3);
      planes[i] = {map.data_ptr<float>() + (b * map.size(1) + place.channel) * area, sources[place.map].data()};
    }
    fill_rows(planes, height * width, rows.data_ptr<float>() + b * height * width * dims);
  }
}

}  // namespace normadd::detectors
