// SPDX-License-Identifier: Apache-2.0
#include "training/mosaic.h"

#include <algorithm>

#include "core/error.h"

namespace normadd::training {
namespace {

void paste_clipped(imaging::Image& canvas, const imaging::Image& tile, int top, int left) {
  const int rows = std::min(tile.height, canvas.height - top), columns = std::min(tile.width, canvas.width - left);
  const auto channels = static_cast<std::size_t>(canvas.channels);
  for (int y = 0; y < rows; ++y) {
    std::copy_n(tile.row(y), static_cast<std::size_t>(columns) * channels,
                canvas.row(top + y) + static_cast<std::size_t>(left) * channels);
  }
}

}  // namespace

SegmentationSample mosaic_of(const std::array<SegmentationSample, 4>& samples) {
  const int height = samples[0].image.height, width = samples[0].image.width;
  SegmentationSample mosaic{imaging::Image(2 * height, 2 * width, 3), imaging::Mask(2 * height, 2 * width, 1),
                            samples[0].category};
  for (int i = 0; i < 4; ++i) {
    const SegmentationSample& sample = samples[static_cast<std::size_t>(i)];
    const int top = i / 2 * height, left = i % 2 * width;
    paste_clipped(mosaic.image, sample.image, top, left);
    // A normal one covers what a larger neighbour left there.
    paste_clipped(mosaic.mask,
                  sample.mask.pixels.empty() ? imaging::Mask(sample.image.height, sample.image.width, 1) : sample.mask,
                  top, left);
  }
  return mosaic;
}

MosaicDraw::MosaicDraw(const SampleSource& source) {
  if (!source.group) {
    throw core::ConfigError("these samples do not tell their category and type, which a mosaic draws by",
                            "mosaic_probability", "Set mosaic_probability=0.");
  }
  std::map<std::string, std::map<std::string, std::vector<std::size_t>>> by_type;
  for (std::size_t i = 0; i < source.count; ++i) {
    const SampleGroup group = source.group(i);
    by_type[group.category][group.type].push_back(i);
  }
  for (auto& [category, types] : by_type) {
    for (auto& [type, samples] : types) samples_[category].push_back(std::move(samples));
  }
}

std::array<std::size_t, 4> MosaicDraw::draw(const std::string& category, core::RandomStream& random) const {
  const auto& types = samples_.at(category);
  std::array<std::size_t, 4> drawn{};
  for (auto& sample : drawn) {
    const auto& type = types[random.index(types.size())];
    sample = type[random.index(type.size())];
  }
  return drawn;
}

}  // namespace normadd::training
