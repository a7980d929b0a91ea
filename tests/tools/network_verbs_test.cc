// SPDX-License-Identifier: Apache-2.0
// embed and features: the files by which anyone holds our networks against their own.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "imaging/codec.h"
#include "networks/safetensors.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

using test::TemporaryDirectory;
using ::testing::HasSubstr;

const std::string kClip = std::string(NORMADD_SOURCE_DIR) + "/data/weights/micro_clip";
const std::string kResNet = std::string(NORMADD_SOURCE_DIR) + "/data/weights/micro_resnet/model.safetensors";
const std::string kPicture = test::golden("imaging/formula_37x53.png").string();

TEST(Embed, WritesUnitRowsInOrderAndTheTokens) {
  const TemporaryDirectory directory;
  const std::string out = (directory / "e.safetensors").string();
  const auto outcome = run_quietly({"embed", "--model", kClip, "--text", "a scratch, and a hole", "--image", kPicture,
                                    "--text=", "--image", kPicture, "--text", "a hole", "--out", out});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  const auto file = networks::SafetensorsFile::open(out);
  const at::Tensor image = file.tensor("image"), text = file.tensor("text"), tokens = file.tensor("tokens");
  ASSERT_EQ(image.sizes(), (at::IntArrayRef{2, 64}));
  ASSERT_EQ(text.sizes(), (at::IntArrayRef{3, 64}));
  EXPECT_TRUE(at::equal(image[0], image[1]));
  EXPECT_LT((text.norm(2, 1) - 1).abs().max().item<float>(), 1e-6);
  EXPECT_EQ(tokens.scalar_type(), at::kLong);
  EXPECT_EQ(tokens.size(0), 3);
  // The empty text is start and end alone; a comma does not cut a text in two.
  EXPECT_EQ((tokens[1] != 0).sum().item<int>(), 2);
  EXPECT_GT((tokens[0] != 0).sum().item<int>(), (tokens[2] != 0).sum().item<int>());
}

TEST(Embed, RefusesTextsThatAreTooLongUnlessToldToCut) {
  const TemporaryDirectory directory;
  const std::string out = (directory / "e.safetensors").string();
  std::string text;
  for (int i = 0; i < 60; ++i) text += "scratch ";
  expect_refusal({"embed", "--model", kClip, "--text", text, "--out", out}, {"scratch scratch"});
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(run_quietly({"embed", "--model", kClip, "--text", text, "--truncate", "--out", out}).exit_code, 0);
}

TEST(Embed, NamesWhatIsMissing) {
  const TemporaryDirectory directory;
  const std::string out = (directory / "e.safetensors").string();
  expect_refusal({"embed", "--text", "x", "--out", out}, {"--model"});
  expect_refusal({"embed", "--model", kClip, "--out", out}, {});
  expect_refusal({"embed", "--model", kClip, "--image", "/nowhere.png", "--out", out}, {"/nowhere.png"});
  expect_refusal({"embed", "--model", "/nowhere", "--text", "x", "--out", out}, {"/nowhere"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Features, WritesOneTensorPerPictureAndTap) {
  const TemporaryDirectory directory;
  const std::string out = (directory / "f.safetensors").string();
  const auto outcome =
      run_quietly({"features", "--backbone", "micro_resnet", "--weights", kResNet, "--taps", "layer2,layer3",
                   "--resize", "128", "--crop", "96", "--image", kPicture, kPicture, "--out", out});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  const auto file = networks::SafetensorsFile::open(out);
  EXPECT_EQ(file.tensor("0.layer2").sizes(), (at::IntArrayRef{48, 12, 12}));
  EXPECT_EQ(file.tensor("1.layer3").sizes(), (at::IntArrayRef{96, 6, 6}));
  EXPECT_TRUE(at::equal(file.tensor("0.layer2"), file.tensor("1.layer2")));
}

TEST(NetworkVerbs, AFileNameOfAnyBytesIsNoObstacle) {
  const TemporaryDirectory directory;
  const std::string picture = (directory / "b\xff.png").string(), out = (directory / "o.safetensors").string();
  std::filesystem::copy_file(kPicture, picture);
  ASSERT_EQ(run_quietly({"embed", "--model", kClip, "--image", picture, "--out", out}).exit_code, 0);
  EXPECT_EQ(networks::SafetensorsFile::open(out).metadata().at("image.0"), "b\uFFFD.png");
  ASSERT_EQ(
      run_quietly({"features", "--backbone", "micro_resnet", "--weights", kResNet, "--image", picture, "--out", out})
          .exit_code,
      0);
}

TEST(Features, PicturesThatCannotBeCutIntoPatchesAreRefused) {
  const TemporaryDirectory directory;
  const std::string out = (directory / "f.safetensors").string();
  // 37 x 53 with the shorter side at 128 is 183 wide.
  expect_refusal({"features", "--backbone", "clip", "--weights", kClip, "--taps", "block2", "--resize", "128", "--crop",
                  "0", "--image", kPicture, "--out", out},
                 {"183", "patches of 8"});
}

TEST(Features, RefusesWithAName) {
  const TemporaryDirectory directory;
  const std::string out = (directory / "f.safetensors").string();
  const auto with = [&](const std::string& backbone, const std::string& taps) {
    return std::vector<std::string>{"features", "--backbone", backbone, "--weights", kResNet, "--taps",
                                    taps,       "--image",    kPicture, "--out",     out};
  };
  expect_refusal(with("micro_resnt", "layer2"), {"micro_resnt", "micro_resnet"});
  expect_refusal(with("micro_resnet", "layer7"), {"layer7"});
  expect_refusal({"features", "--backbone", "micro_resnet", "--weights", kResNet, "--out", out}, {"--image"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace normadd::tools
