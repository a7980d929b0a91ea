// SPDX-License-Identifier: Apache-2.0
// The small network, pictures and options that tests of PatchCore share; the pictures are those of the goldens.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "detectors/patchcore.h"
#include "detectors/small_network.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {
inline ImageSource source_of(const std::vector<imaging::Image>& images) {
  return {images.size(), [&images](std::size_t i) { return images[i]; }};
}

inline void expect_same_bytes(const std::vector<Prediction>& a, const std::vector<Prediction>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].map.values, b[i].map.values) << i;
    EXPECT_EQ(a[i].score, b[i].score) << i;
    EXPECT_EQ(a[i].geometry, b[i].geometry) << i;
  }
}

inline void expect_map_near(const imaging::Map& map, const at::Tensor& expected, double tolerance) {
  ASSERT_EQ(static_cast<std::int64_t>(map.values.size()), expected.numel());
  const float* const values = expected.data_ptr<float>();
  double worst = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(map.values[i]) - values[i]));
  }
  EXPECT_LE(worst, tolerance * expected.abs().max().item<double>());
}

class PatchCoreTest : public ::testing::Test {
 protected:
  static PatchCoreOptions small_options() {
    PatchCoreOptions options;
    options.layer_dims = 96;
    options.embedding_dims = 64;
    options.projection_dims = 16;
    options.coreset_ratio = 0.25;
    return options;
  }

  PatchCore fitted(const PatchCoreOptions& options, std::uint64_t seed = 0) const {
    PatchCore patchcore(options, network_);
    patchcore.fit(source_of(train_), seed);
    return patchcore;
  }

  /// Squashed to 32 x 32, as the golden's pictures are.
  PatchCoreOptions anomalib_options() const {
    network_->preprocessing_.mode = networks::ResizeMode::kSquash;
    network_->preprocessing_.resize_px = 32;
    network_->preprocessing_.crop_px = 0;
    PatchCoreOptions options;
    options.profile = "anomalib";
    options.coreset_ratio = 0.25;
    return options;
  }

  PatchCoreOptions profile_options(const std::string& profile) const {
    if (profile == "anomalib") return anomalib_options();
    PatchCoreOptions options = small_options();
    options.profile = profile;
    return options;
  }

  void expect_predictions(const std::vector<Prediction>& predictions, const std::string& golden) const {
    const at::Tensor maps = golden_.tensor(golden + ".maps"), scores = golden_.tensor(golden + ".scores");
    ASSERT_EQ(predictions.size(), 2u);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      const double expected = scores[static_cast<std::int64_t>(i)].item<double>();
      EXPECT_NEAR(predictions[i].score / expected, 1, 1e-4);
      EXPECT_EQ(predictions[i].map.size(), (imaging::Size{32, 32}));
      expect_map_near(predictions[i].map, maps[static_cast<std::int64_t>(i)], 1e-4);
    }
    EXPECT_GT(predictions[1].score, 2 * predictions[0].score) << "the second picture has the defect";
  }

  networks::SafetensorsFile golden_ = patchcore_golden();
  std::vector<imaging::Image> train_ = images_of(golden_.tensor("images.train"));
  std::vector<imaging::Image> test_ = images_of(golden_.tensor("images.test"));
  std::shared_ptr<SmallNetwork> network_ = std::make_shared<SmallNetwork>(golden_network());
  test::TemporaryDirectory directory_;
};

}  // namespace normadd::detectors
