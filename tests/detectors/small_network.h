// SPDX-License-Identifier: Apache-2.0
// Networks for tests: two fixed convolutions, as in tests/golden/detectors/make_patchcore_goldens.py.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "networks/feature_extractor.h"
#include "networks/safetensors.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {

class SmallNetwork : public networks::FeatureExtractor {
 public:
  SmallNetwork(at::Tensor first, at::Tensor second) : first_(std::move(first)), second_(std::move(second)) {
    preprocessing_.resize_px = 40;
    preprocessing_.crop_px = 32;
  }

  std::vector<at::Tensor> features(const at::Tensor& images) const override {
    const at::Tensor fine = at::conv2d(images, first_, {}, 4).relu_();
    return {fine, at::conv2d(fine, second_, {}, 2).relu_()};
  }
  std::vector<int> channels() const override {
    return {static_cast<int>(first_.size(0)), static_cast<int>(second_.size(0))};
  }
  std::vector<imaging::Size> grids(imaging::Size input) const override {
    return {{input.height / 4, input.width / 4}, {input.height / 8, input.width / 8}};
  }
  const networks::Preprocessing& preprocessing() const override { return preprocessing_; }
  double flops(imaging::Size) const override { return 0; }
  std::string description() const override { return description_; }
  const std::string& weights_sha256() const override { return weights_sha256_; }

  networks::Preprocessing preprocessing_;
  std::string description_ = "small network";
  std::string weights_sha256_ = "0123";

 private:
  at::Tensor first_, second_;
};

inline networks::SafetensorsFile patchcore_golden() {
  return networks::SafetensorsFile::open(test::golden("detectors/patchcore.safetensors"));
}

inline SmallNetwork golden_network() {
  const auto file = patchcore_golden();
  return {file.tensor("network.first"), file.tensor("network.second")};
}

/// pictures [N, H, W, 3] uint8.
inline std::vector<imaging::Image> images_of(const at::Tensor& pictures) {
  std::vector<imaging::Image> images;
  for (std::int64_t i = 0; i < pictures.size(0); ++i) {
    imaging::Image image(static_cast<int>(pictures.size(1)), static_cast<int>(pictures.size(2)), 3);
    const at::Tensor picture = pictures[i].contiguous();
    std::copy_n(picture.data_ptr<std::uint8_t>(), image.pixels.size(), image.pixels.begin());
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace normadd::detectors
