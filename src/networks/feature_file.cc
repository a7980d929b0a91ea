// SPDX-License-Identifier: Apache-2.0
#include "networks/feature_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <map>
#include <span>

#include "core/error.h"
#include "core/progress.h"
#include "core/utf8.h"
#include "imaging/codec.h"
#include "networks/safetensors.h"

namespace normadd::networks {

void write_feature_file(const FeatureExtractor& extractor, const std::vector<std::string>& tap_names,
                        const std::vector<std::filesystem::path>& images, const std::filesystem::path& out) {
  if (images.empty()) throw core::ConfigError("no picture is given", "--image", "Name at least one picture file.");
  TensorMap maps;
  std::map<std::string, std::string> metadata{{"weights_sha256", extractor.weights_sha256()}};
  core::Progress progress("features", images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    const imaging::Image image = imaging::read_image(images[i]);
    const auto features = extractor.features(preprocess(std::span(&image, 1), extractor.preprocessing()));
    NORMADD_CHECK(features.size() == tap_names.size(),
                  fmt::format("{} maps, {} names", features.size(), tap_names.size()));
    for (std::size_t tap = 0; tap < features.size(); ++tap) {
      maps[fmt::format("{}.{}", i, tap_names[tap])] = features[tap].squeeze(0);
    }
    metadata[fmt::format("{}.image", i)] = core::valid_utf8(images[i].filename().string());
    progress.advance();
  }
  write_safetensors(out, maps, metadata);
}

}  // namespace normadd::networks
