// SPDX-License-Identifier: Apache-2.0
#include "networks/clip_windows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "networks/transformer.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

std::shared_ptr<const Clip> model(Activation activation) {
  return std::make_shared<const Clip>(Clip::load(test::golden("networks/clip_parity"), {}, activation));
}

at::Tensor pixels() {
  return SafetensorsFile::open(test::golden("networks/clip_parity/outputs.safetensors"))
      .tensor("images")
      .to(at::kFloat)
      .narrow(0, 0, 1);
}

double relative_error(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>() / b.abs().max().item<double>();
}

/// One window by the plain tower: tokens chosen, then every block in full.
at::Tensor window_alone(const Clip& clip, const at::Tensor& image, const at::Tensor& cells) {
  const at::Tensor index = at::cat({at::zeros({1}, at::kLong), cells + 1});
  at::Tensor x = layer_norm(clip.embed_cells(image).index_select(1, index), clip.weights(), "visual.ln_pre");
  const Transformer transformer{"visual.transformer.", clip.config().vision.heads, clip.config().activation, false};
  for (int block = 0; block < clip.config().vision.layers; ++block) x = transformer.block(x, clip.weights(), block);
  return clip.project_tokens(x[0][0]);
}

class ClipWindowsTest : public ::testing::TestWithParam<Activation> {};

TEST_P(ClipWindowsTest, EqualTheTowerOnEachWindowAndOnTheWholePicture) {
  const at::NoGradGuard no_gradients;
  const auto clip = model(GetParam());
  const at::Tensor corners = at::tensor({0, 5, 30, 35}, at::kLong).unsqueeze(1);
  const at::Tensor pairs = at::tensor({0, 7, 14, 3, 35, 1}, at::kLong).reshape({2, 3});
  const at::Tensor most = at::arange(33).unsqueeze(0);  // longer than the loops for short sequences take
  const std::vector<at::Tensor> sets{corners, pairs, most};
  const auto found = ClipWindows(clip, sets, Precision::kFloat32).encode(pixels(), /*with_patches=*/true);
  const ImageTokens whole = clip->encode_image(pixels(), {clip->config().vision.layers});
  EXPECT_LT(relative_error(found.image, whole.embedding[0]), 1e-5);
  EXPECT_LT(relative_error(found.patches, whole.patches[0][0]), 1e-5);
  for (std::size_t set = 0; set < sets.size(); ++set) {
    for (std::int64_t i = 0; i < sets[set].size(0); ++i) {
      EXPECT_LT(relative_error(found.windows[set][i], window_alone(*clip, pixels(), sets[set][i])), 1e-5) << set << i;
    }
  }
  const auto without = ClipWindows(clip, sets, Precision::kFloat32).encode(pixels(), /*with_patches=*/false);
  EXPECT_FALSE(without.patches.defined());
  EXPECT_LT(relative_error(without.image, found.image), 1e-6);
  EXPECT_LT(relative_error(without.windows[1], found.windows[1]), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Both, ClipWindowsTest, ::testing::Values(Activation::kGelu, Activation::kQuickGelu));

TEST(ClipWindows, Bfloat16IsCloseAndGivesFloat32) {
  const auto clip = model(Activation::kGelu);
  const std::vector<at::Tensor> sets{at::arange(36).reshape({9, 4})};
  const auto exact = ClipWindows(clip, sets, Precision::kFloat32).encode(pixels(), false);
  const auto rounded = ClipWindows(clip, sets, Precision::kBfloat16).encode(pixels(), false);
  EXPECT_EQ(rounded.windows[0].scalar_type(), at::kFloat);
  const double error = relative_error(rounded.windows[0], exact.windows[0]);
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.05);
}

TEST(ClipTexts, RunAtTheirOwnLengthWithTheSameResult) {
  const at::NoGradGuard no_gradients;
  const auto clip = model(Activation::kGelu);
  const std::vector<std::string> texts{"ab", "a thread on it", "ab", "a hole, a hole", "b"};
  // A text that fills the context makes the whole batch run at full length.
  std::vector<std::string> padded = texts;
  padded.emplace_back("x x x x x x x x x x x x x x x x x x x x x x x x x x x x");
  const at::Tensor at_full_length = clip->encode_text(clip->tokenize(padded, /*truncate=*/true));
  const at::Tensor own = clip->encode_texts(texts);
  EXPECT_LT(relative_error(own, at_full_length.slice(0, 0, 5)), 1e-6);
  EXPECT_TRUE(own[0].equal(own[2]));
  const at::Tensor units = clip->text_embeddings(texts);
  EXPECT_LT((units.norm(2, 1) - 1).abs().max().item<double>(), 1e-6);
  // What stands beside a text in a call does not change it.
  EXPECT_LT(relative_error(clip->encode_texts({"a thread on it"})[0], own[1]), 1e-6);
  EXPECT_EQ(clip->encode_texts({}).sizes(), (std::vector<std::int64_t>{0, clip->config().embedding}));
}

}  // namespace
}  // namespace normadd::networks
