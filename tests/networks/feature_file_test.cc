// SPDX-License-Identifier: Apache-2.0
#include "networks/feature_file.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "imaging/codec.h"
#include "networks/formula_weights.h"
#include "networks/resnet.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

TEST(FeatureFile, HoldsOneMapPerPictureAndTap) {
  const test::TemporaryDirectory directory;
  std::vector<std::filesystem::path> paths;
  std::vector<imaging::Image> images;
  for (int i = 0; i < 2; ++i) {
    imaging::Image image(40 + 9 * i, 50, 3);
    for (std::size_t p = 0; p < image.pixels.size(); ++p)
      image.pixels[p] = static_cast<std::uint8_t>(p * (i + 3) % 251);
    paths.push_back(directory / ("picture" + std::to_string(i) + ".png"));
    imaging::write_png(paths.back(), image);
    images.push_back(image);
  }
  const std::vector<std::string> taps{"layer2", "layer1"};
  const auto extractor =
      make_resnet("micro_resnet", formula_resnet(tiny_architecture()), "formula", taps, Preprocessing::imagenet(32, 0));
  const auto out = directory / "deep" / "maps.safetensors";
  write_feature_file(*extractor, taps, paths, out);
  const auto file = SafetensorsFile::open(out);
  EXPECT_EQ(file.names(), (std::vector<std::string>{"0.layer1", "0.layer2", "1.layer1", "1.layer2"}));
  EXPECT_EQ(file.metadata().at("1.image"), "picture1.png");
  for (int i = 0; i < 2; ++i) {
    const auto maps = extractor->features(preprocess(std::span(&images[i], 1), extractor->preprocessing()));
    EXPECT_TRUE(file.tensor(std::to_string(i) + ".layer2").equal(maps[0][0]));
    EXPECT_TRUE(file.tensor(std::to_string(i) + ".layer1").equal(maps[1][0]));
  }
}

TEST(FeatureFile, UnreadablePicturesAreNamedAndNothingIsWritten) {
  const test::TemporaryDirectory directory;
  const auto extractor = make_resnet("micro_resnet", formula_resnet(tiny_architecture()), "formula", {"layer1"},
                                     Preprocessing::imagenet(32, 0));
  const auto out = directory / "maps.safetensors";
  test::expect_error<core::DataError>(
      [&] { write_feature_file(*extractor, {"layer1"}, {directory / "none.png"}, out); }, {"none.png"});
  test::expect_error<core::ConfigError>([&] { write_feature_file(*extractor, {"layer1"}, {}, out); }, {"--image"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace normadd::networks
