// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_features.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "imaging/codec.h"
#include "networks/embedding_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

const std::filesystem::path kModel = test::golden("networks/clip_parity");

at::Tensor golden_output(const std::string& name) {
  return SafetensorsFile::open(kModel / "outputs.safetensors").tensor(name).to(at::kFloat);
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

imaging::Image picture(int height, int width, int phase) {
  imaging::Image image(height, width, 3);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 7 + phase);
  return image;
}

TEST(ClipFeatures, MapsAreTheTokensOfTheBlocksInTheOrderAskedFor) {
  const auto extractor = ClipFeatureExtractor::load(kModel, {"block2", "block1"}, TokenNorm::kNone);
  const auto maps = extractor->features(golden_output("images"));
  ASSERT_EQ(maps.size(), 2u);
  for (const int block : {2, 1}) {
    const at::Tensor& map = maps[block == 2 ? 0 : 1];
    const at::Tensor tokens = golden_output("gelu.block" + std::to_string(block));
    ASSERT_EQ(map.sizes(), (std::vector<std::int64_t>{2, 32, 6, 6}));
    EXPECT_TRUE(map.is_contiguous());
    for (int y = 0; y < 6; ++y) {
      for (int x = 0; x < 6; ++x) {
        EXPECT_LT(largest_difference(map.select(2, y).select(2, x), tokens.select(1, y * 6 + x)), 1e-3);
      }
    }
  }
  EXPECT_EQ(extractor->channels(), (std::vector<int>{32, 32}));
  EXPECT_EQ(extractor->grids({48, 48}), (std::vector<imaging::Size>{{6, 6}, {6, 6}}));
}

TEST(ClipFeatures, LayerNormedTokensHaveMeanZeroAndVarianceOne) {
  const auto extractor = ClipFeatureExtractor::load(kModel, {"block3"});
  const at::Tensor map = extractor->features(golden_output("images")).front();
  EXPECT_LT(map.mean(1).abs().max().item<float>(), 1e-4);
  EXPECT_LT((map.var(1, /*unbiased=*/false) - 1).abs().max().item<float>(), 1e-3);
}

TEST(ClipFeatures, PictureSizeMayDifferFromTheModelsOwn) {
  auto clip = std::make_shared<const Clip>(Clip::load(kModel));
  Preprocessing preprocessing = clip->preprocessing();
  preprocessing.resize_px = preprocessing.crop_px = 64;
  const ClipFeatureExtractor extractor(clip, {"block1"}, preprocessing);
  EXPECT_EQ(extractor.features(golden_output("larger")).front().sizes(), (std::vector<std::int64_t>{1, 32, 8, 8}));
  preprocessing.crop_px = 50;
  test::expect_error<core::ConfigError>([&] { ClipFeatureExtractor(clip, {"block1"}, preprocessing); },
                                        {"50", "8", "48"});
}

TEST(ClipFeatures, UnknownAndRepeatedTapsAreRefused) {
  test::expect_error<core::ConfigError>([] { ClipFeatureExtractor::load(kModel, {"block4"}); }, {"block4", "block3"});
  test::expect_error<core::ConfigError>([] { ClipFeatureExtractor::load(kModel, {"blok2"}); },
                                        {"Did you mean", "block2"});
  test::expect_error<core::ConfigError>([] { ClipFeatureExtractor::load(kModel, {"block1", "block1"}); }, {"twice"});
  test::expect_error<core::ConfigError>([] { ClipFeatureExtractor::load(kModel, {}); }, {"no tap"});
}

TEST(ClipFeatures, FlopsCountEveryMatrixProduct) {
  // By hand for 48 x 48: 36 cells, 37 tokens, width 32, hidden 128, patch 8, two blocks.
  const double block = 2.0 * 37 * (32 * 96 + 32 * 32 + 2 * 32 * 128) + 2.0 * 2 * 37 * 37 * 32;
  const auto extractor = ClipFeatureExtractor::load(kModel, {"block1", "block2"});
  EXPECT_DOUBLE_EQ(extractor->flops({48, 48}), 2.0 * 36 * 192 * 32 + 2 * block);
}

TEST(EmbeddingFile, HoldsUnitRowsInTheOrderGiven) {
  const test::TemporaryDirectory folder;
  const std::vector<std::string> names = {"b.png", "a.png", "c.png"};
  EmbeddingRequest request{.images = {}, .texts = {"a thread", "ab"}, .truncate = true};
  std::vector<imaging::Image> images;
  for (int i = 0; i < 3; ++i) {
    images.push_back(picture(40 + 10 * i, 60, i * 31));
    imaging::write_png(folder / names[i], images.back());
    request.images.push_back(folder / names[i]);
  }
  const Clip clip = Clip::load(kModel);
  write_embedding_file(clip, request, folder / "out.safetensors");

  const auto file = SafetensorsFile::open(folder / "out.safetensors");
  EXPECT_EQ(file.names(), (std::vector<std::string>{"image", "text", "tokens"}));
  EXPECT_EQ(file.shape("image"), (std::vector<std::int64_t>{3, 24}));
  EXPECT_EQ(file.shape("text"), (std::vector<std::int64_t>{2, 24}));
  EXPECT_EQ(file.dtype("tokens"), "I64");
  EXPECT_TRUE(at::equal(file.tensor("tokens"), clip.tokenize(request.texts, true)));
  const at::NoGradGuard no_gradients;
  for (int i = 0; i < 3; ++i) {
    const at::Tensor alone = clip.encode_image(preprocess(std::span(&images[i], 1), clip.preprocessing())).embedding[0];
    EXPECT_LT(largest_difference(file.tensor("image")[i], alone / alone.norm()), 1e-5);
    EXPECT_EQ(file.metadata().at("image." + std::to_string(i)), names[i]);
  }
  EXPECT_LT((file.tensor("text").norm(2, 1) - 1).abs().max().item<float>(), 1e-6);
}

TEST(EmbeddingFile, OneKindAloneGivesNoRowsOfTheOther) {
  const test::TemporaryDirectory folder;
  const Clip clip = Clip::load(kModel);
  write_embedding_file(clip, {.images = {}, .texts = {"ab"}}, folder / "text.safetensors");
  EXPECT_EQ(SafetensorsFile::open(folder / "text.safetensors").shape("image"), (std::vector<std::int64_t>{0, 24}));
  imaging::write_png(folder / "a.png", picture(48, 48, 0));
  write_embedding_file(clip, {.images = {folder / "a.png"}, .texts = {}}, folder / "image.safetensors");
  EXPECT_EQ(SafetensorsFile::open(folder / "image.safetensors").shape("tokens"), (std::vector<std::int64_t>{0, 24}));
}

TEST(EmbeddingFile, NothingIsWrittenForBadInput) {
  const test::TemporaryDirectory folder;
  const Clip clip = Clip::load(kModel);
  const auto out = folder / "out.safetensors";
  test::expect_error<core::ConfigError>([&] { write_embedding_file(clip, {}, out); }, {"--image", "--text"});
  const std::string text = "the scratch on this bottle is much too long a story";
  test::expect_error<core::ConfigError>([&] { write_embedding_file(clip, {.images = {}, .texts = {text}}, out); },
                                        {text, "24"});
  test::expect_error<core::DataError>(
      [&] { write_embedding_file(clip, {.images = {folder / "no.png"}, .texts = {}}, out); }, {"no.png"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace normadd::networks
