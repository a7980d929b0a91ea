// SPDX-License-Identifier: Apache-2.0
// The small CLIP and the pictures of tests/golden/detectors/make_clip_detector_goldens.py.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "detectors/small_network.h"
#include "networks/clip.h"
#include "networks/safetensors.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {

inline std::string clip_golden_folder() { return test::golden("detectors/clip_small").string(); }

inline std::string shipped_ensemble(const std::string& name) {
  return std::string(NORMADD_SOURCE_DIR) + "/data/prompts/detectors/" + name + ".yaml";
}

inline std::shared_ptr<networks::Clip> golden_clip(std::optional<int> image_px = {},
                                                   std::optional<networks::Activation> activation = {}) {
  return std::make_shared<networks::Clip>(networks::Clip::load(clip_golden_folder(), image_px, activation));
}

inline networks::SafetensorsFile golden_file(const std::string& name) {
  return networks::SafetensorsFile::open(test::golden("detectors/" + name));
}

inline ImageSource source_of(const std::vector<imaging::Image>& images, const std::string& category) {
  return {images.size(), [&images](std::size_t i) { return images[i]; }, category};
}

inline double worst_difference(const imaging::Map& map, const at::Tensor& expected) {
  EXPECT_EQ(static_cast<std::int64_t>(map.values.size()), expected.numel());
  const at::Tensor values = expected.contiguous();
  double worst = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(map.values[i]) - values.data_ptr<float>()[i]));
  }
  return worst;
}

inline void expect_same_predictions(const std::vector<Prediction>& a, const std::vector<Prediction>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].map.values, b[i].map.values) << i;
    EXPECT_EQ(a[i].score, b[i].score) << i;
    EXPECT_EQ(a[i].geometry, b[i].geometry) << i;
  }
}

}  // namespace normadd::detectors
