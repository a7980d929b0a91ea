// SPDX-License-Identifier: Apache-2.0
#include "networks/preprocessing.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::networks {
namespace {

imaging::Image gradient(int height, int width) {
  imaging::Image image(height, width, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 7 % 256);
  return image;
}

TEST(Preprocessing, ShorterSideAndCentreCropFollowTorchvision) {
  const imaging::Geometry geometry = Preprocessing::imagenet(256, 224).geometry({300, 600});
  EXPECT_EQ(geometry.resized, (imaging::Size{256, 512}));
  EXPECT_EQ(geometry.crop, (imaging::Size{224, 224}));
  EXPECT_EQ(geometry.top, 16);
  EXPECT_EQ(geometry.left, 144);
}

TEST(Preprocessing, SquashIgnoresTheAspectAndMayBeCropped) {
  Preprocessing preprocessing = Preprocessing::clip(240, ResizeMode::kSquash);
  EXPECT_EQ(preprocessing.geometry({300, 600}), imaging::Geometry::squash({300, 600}, {240, 240}));
  preprocessing.crop_px = 225;  // 7.5 rounds to the even 8
  const imaging::Geometry geometry = preprocessing.geometry({300, 600});
  EXPECT_EQ(geometry.left, 8);
  EXPECT_EQ(geometry.top, 8);
  EXPECT_EQ(geometry.crop, (imaging::Size{225, 225}));
}

TEST(Preprocessing, TensorIsPlanarAndNormalisedPerChannel) {
  const Preprocessing preprocessing = Preprocessing::imagenet(4, 2);
  const imaging::Image image = gradient(4, 4);
  const at::Tensor batch = preprocess(std::vector{image, image}, preprocessing);
  ASSERT_EQ(batch.sizes(), (std::vector<std::int64_t>{2, 3, 2, 2}));
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 2; ++x) {
        const float level = image.row(y + 1)[(x + 1) * 3 + channel];
        const float expected = (level / 255.0f - preprocessing.mean[channel]) / preprocessing.std[channel];
        EXPECT_EQ(batch[1][channel][y][x].item<float>(), expected);
      }
    }
  }
}

TEST(Preprocessing, BatchEqualsSingles) {
  const Preprocessing preprocessing = Preprocessing::clip(16, ResizeMode::kShorterSide);
  const std::vector<imaging::Image> images{gradient(20, 30), gradient(41, 17)};
  const at::Tensor batch = preprocess(images, preprocessing);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(batch[i].equal(preprocess(std::span(&images[i], 1), preprocessing)[0]));
  }
}

TEST(Preprocessing, RefusesMixedSizesGreyPicturesAndImpossibleCrops) {
  Preprocessing uncropped = Preprocessing::imagenet(16, 0);
  const std::vector<imaging::Image> images{gradient(20, 20), gradient(20, 40)};
  test::expect_error<core::DataError>([&] { preprocess(images, uncropped); }, {"picture 1", "32 x 16", "16 x 16"});
  const std::vector<imaging::Image> grey{imaging::Image(20, 20, 1)};
  test::expect_error<core::DataError>([&] { preprocess(grey, uncropped); }, {"1 channels"});
  test::expect_error<core::ConfigError>([] { Preprocessing::imagenet(16, 32).geometry({20, 20}); }, {"16 px", "32 px"});
}

}  // namespace
}  // namespace normadd::networks
