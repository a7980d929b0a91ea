// SPDX-License-Identifier: Apache-2.0
#include "networks/clip.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "networks/clip_position.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

constexpr double kCosineDistance = 1e-5;

const SafetensorsFile& outputs() {
  static const SafetensorsFile file = SafetensorsFile::open(test::golden("networks/clip_parity/outputs.safetensors"));
  return file;
}

at::Tensor output(const std::string& name) { return outputs().tensor(name); }
at::Tensor pixels(const std::string& name) { return output(name).to(at::kFloat); }

double worst_cosine_distance(const at::Tensor& a, const at::Tensor& b) {
  return 1 - at::cosine_similarity(a.to(at::kDouble), b.to(at::kDouble), -1).min().item<double>();
}

double relative_error(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>() / b.abs().max().item<double>();
}

Clip parity_model(Activation activation, std::optional<int> image_px = {}) {
  return Clip::load(test::golden("networks/clip_parity"), image_px, activation);
}

ClipConfig tiny_config() {
  ClipConfig config;
  config.embedding = 12;
  config.image_px = 32;
  config.patch_px = 8;
  config.vision = {.width = 24, .layers = 2, .heads = 3, .mlp_width = 48};
  config.text = {.width = 16, .layers = 2, .heads = 2, .mlp_width = 64};
  config.context = 12;
  config.preprocessing = Preprocessing::clip(32, ResizeMode::kSquash);
  return config;
}

Clip tiny_model(std::uint64_t seed = 1) {
  return Clip::random(tiny_config(), Tokenizer::from_merges(Tokenizer::learn_merges({"a thread", "the hole"}, 6)),
                      seed);
}

at::Tensor ramp(at::IntArrayRef shape) {
  at::Tensor x = at::empty(shape, at::kFloat);
  return x.copy_(at::arange(x.numel()).to(at::kFloat).reshape(shape).mul(0.37).sin());
}

class ClipParity : public ::testing::TestWithParam<Activation> {
 protected:
  std::string golden_name(const std::string& what) const {
    return (GetParam() == Activation::kGelu ? "gelu." : "quick_gelu.") + what;
  }
};

TEST_P(ClipParity, EmbeddingsEqualOpenClips) {
  const at::NoGradGuard no_gradients;
  const Clip clip = parity_model(GetParam());
  const ImageTokens image = clip.encode_image(pixels("images"), {1, 2, 3});
  EXPECT_LT(worst_cosine_distance(image.embedding, output(golden_name("image"))), kCosineDistance);
  EXPECT_LT(relative_error(image.embedding, output(golden_name("image"))), 1e-4);
  const at::Tensor text = clip.encode_text(output("tokens"));
  EXPECT_LT(worst_cosine_distance(text, output(golden_name("text"))), kCosineDistance);
  EXPECT_LT(relative_error(text, output(golden_name("text"))), 1e-4);
}

TEST_P(ClipParity, TapsAndDenseProjectionEqualOpenClips) {
  const at::NoGradGuard no_gradients;
  const Clip clip = parity_model(GetParam());
  const auto patches = clip.encode_image(pixels("images"), {1, 2, 3}).patches;
  ASSERT_EQ(patches.size(), 3u);
  for (int block = 1; block <= 3; ++block) {
    const at::Tensor expected = output(golden_name("block" + std::to_string(block)));
    EXPECT_EQ(patches[block - 1].sizes(), expected.sizes());
    EXPECT_LT(relative_error(patches[block - 1], expected), 1e-4);
  }
  EXPECT_LT(worst_cosine_distance(clip.project_tokens(patches[1]), output(golden_name("dense"))), kCosineDistance);
}

TEST_P(ClipParity, AnotherImageSizeEqualsOpenClipsResizedPositions) {
  const at::NoGradGuard no_gradients;
  const Clip resized = parity_model(GetParam(), 64);
  EXPECT_EQ(resized.config().image_px, 64);
  EXPECT_EQ(resized.preprocessing().crop_px, 64);
  EXPECT_LT(relative_error(resized.weights().at("visual.positional_embedding"), output("positional")), 1e-5);
  const at::Tensor expected = output(golden_name("larger"));
  EXPECT_LT(worst_cosine_distance(resized.encode_image(pixels("larger")).embedding, expected), kCosineDistance);
  // The stored size adapts by itself to what it is given.
  EXPECT_LT(worst_cosine_distance(parity_model(GetParam()).encode_image(pixels("larger")).embedding, expected),
            kCosineDistance);
}

TEST_P(ClipParity, TheOtherActivationIsNoticeablyOff) {
  const at::NoGradGuard no_gradients;
  const Clip wrong = parity_model(GetParam() == Activation::kGelu ? Activation::kQuickGelu : Activation::kGelu);
  EXPECT_GT(worst_cosine_distance(wrong.encode_image(pixels("images")).embedding, output(golden_name("image"))),
            3 * kCosineDistance);
  EXPECT_GT(worst_cosine_distance(wrong.encode_text(output("tokens")), output(golden_name("text"))),
            3 * kCosineDistance);
}

TEST_P(ClipParity, GradientsOnGivesTheSameNumbers) {
  Clip clip = parity_model(GetParam());
  for (auto& [name, tensor] : clip.weights()) tensor = tensor.clone().set_requires_grad(true);
  EXPECT_LT(relative_error(clip.encode_image(pixels("images")).embedding.detach(), output(golden_name("image"))), 1e-4);
  EXPECT_LT(relative_error(clip.encode_text(output("tokens")).detach(), output(golden_name("text"))), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Activations, ClipParity, ::testing::Values(Activation::kGelu, Activation::kQuickGelu),
                         [](const auto& info) { return info.param == Activation::kGelu ? "Gelu" : "QuickGelu"; });

TEST(Clip, TokenizesLikeOpenClipWithASmallVocabulary) {
  const Clip clip = parity_model(Activation::kGelu);
  const at::Tensor tokens =
      clip.tokenize({"a photo of a bottle.", "a thread on the carpet", "ab", "scratch, 3 holes; it's bent"}, true);
  EXPECT_TRUE(at::equal(tokens, output("tokens")));
}

TEST(Clip, TextEmbeddingsAreUnitRowsInOrder) {
  const Clip clip = parity_model(Activation::kGelu);
  const std::vector<std::string> texts = {"a photo of a bottle.", "ab"};
  const at::Tensor together = clip.text_embeddings(texts, true);
  EXPECT_TRUE(at::allclose(together.norm(2, 1), at::ones({2}), 1e-6, 1e-6));
  // A shorter neighbour, which changes how far the tower runs, must not change a row.
  EXPECT_LT(worst_cosine_distance(together.slice(0, 1, 2), clip.text_embeddings({texts[1]}, true)), 1e-6);
  EXPECT_EQ(clip.text_embeddings({}).sizes(), (std::vector<std::int64_t>{0, 24}));
}

TEST(Clip, ATextsEmbeddingDependsOnNoOtherTextToTheBit) {
  const Clip clip = parity_model(Activation::kGelu);
  std::vector<std::string> texts;
  for (const char* a : {"a", "the", "one"}) {
    for (const char* b : {"bottle", "bent bottle", "carpet with a hole", "thread"}) {
      texts.push_back(std::string("a photo of ") + a + " " + b);
    }
  }
  const at::Tensor together = clip.text_embeddings(texts, true);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_TRUE(at::equal(together[static_cast<std::int64_t>(i)], clip.text_embeddings({texts[i]}, true)[0]))
        << texts[i];
  }
}

TEST(Clip, RowsDoNotDependOnTheBatch) {
  const at::NoGradGuard no_gradients;
  const Clip clip = parity_model(Activation::kGelu);
  const at::Tensor images = pixels("images");
  EXPECT_LT(relative_error(clip.encode_image(images.slice(0, 1, 2)).embedding,
                           clip.encode_image(images).embedding.slice(0, 1, 2)),
            1e-5);
}

TEST(Clip, PatchesWithoutEmbeddingNeedOnlyTheirBlocks) {
  const at::NoGradGuard no_gradients;
  const Clip whole = parity_model(Activation::kGelu);
  const Clip part = Clip::load_image_blocks(test::golden("networks/clip_parity"), 2);
  EXPECT_FALSE(part.has_text());
  EXPECT_FALSE(part.weights().contains("visual.transformer.resblocks.2.ln_1.weight"));
  EXPECT_FALSE(part.weights().contains("visual.proj"));
  const auto patches = part.encode_patches(pixels("images"), {1, 2});
  const auto expected = whole.encode_image(pixels("images"), {1, 2}).patches;
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(at::equal(patches[i], expected[i]));
  test::expect_error<core::ConfigError>([] { Clip::load_image_blocks(test::golden("networks/clip_parity"), 4); },
                                        {"block 4", "1 to 3"});
}

TEST(Clip, WindowWithItsPartOfThePositionsIsTheGridPosition) {
  // With the full grid's positions sliced by hand the tower must give what it gives for its own positions.
  const at::NoGradGuard no_gradients;
  const Clip clip = tiny_model();
  const at::Tensor images = ramp({2, 3, 32, 32});
  const at::Tensor positions = clip.weights().at("visual.positional_embedding");
  const at::Tensor own = clip.encode_image(images).embedding;
  EXPECT_TRUE(at::equal(clip.encode_image(images, {}, positions).embedding, own));

  const at::Tensor grid = positions.slice(0, 1).reshape({4, 4, 24});
  const auto window = [&](int row, int column) {
    return at::cat(
        {positions.slice(0, 0, 1), grid.slice(0, row, row + 2).slice(1, column, column + 2).reshape({4, 24})});
  };
  const at::Tensor cut = images.slice(2, 16, 32).slice(3, 0, 16);
  const auto right = clip.encode_image(cut, {2}, window(2, 0));
  EXPECT_EQ(right.patches[0].sizes(), (std::vector<std::int64_t>{2, 4, 24}));
  EXPECT_GT(relative_error(clip.encode_image(cut, {}, window(0, 2)).embedding, right.embedding), 1e-3);
}

TEST(Clip, EveryWeightOfATowerGetsAGradient) {
  Clip clip = tiny_model();
  for (auto& [name, tensor] : clip.weights()) tensor.set_requires_grad(true);
  const at::Tensor images = ramp({2, 3, 32, 32});
  const ImageTokens tokens = clip.encode_image(images, {1});
  const at::Tensor text = clip.encode_text(clip.tokenize({"a thread", "the hole"}));
  const at::Tensor logits = at::matmul(tokens.embedding, text.t()) * clip.weights().at("logit_scale").exp();
  (at::log_softmax(logits, 1).diagonal().sum() + tokens.patches[0].pow(2).mean()).backward();
  for (const auto& [name, tensor] : clip.weights()) {
    ASSERT_TRUE(tensor.grad().defined()) << name;
    EXPECT_GT(tensor.grad().abs().max().item<float>(), 0) << name;
  }
}

TEST(Clip, GradientEqualsTheDifferenceQuotient) {
  Clip clip = tiny_model();
  for (auto& [name, tensor] : clip.weights()) tensor = tensor.to(at::kDouble);
  at::Tensor& weight = clip.weights().at("visual.transformer.resblocks.0.attn.in_proj_weight");
  const at::Tensor images = ramp({1, 3, 32, 32}).to(at::kDouble);
  const auto loss = [&] { return clip.encode_image(images).embedding.sum(); };
  weight.set_requires_grad(true);
  loss().backward();
  const at::Tensor gradient = weight.grad().clone();
  weight.set_requires_grad(false);
  for (const int row : {0, 30, 60}) {  // a query, a key and a value row
    const double before = weight[row][3].item<double>(), step = 1e-5;
    weight[row][3] = before + step;
    const double high = loss().item<double>();
    weight[row][3] = before - step;
    const double low = loss().item<double>();
    weight[row][3] = before;
    EXPECT_NEAR((high - low) / (2 * step), gradient[row][3].item<double>(), 1e-6);
  }
}

TEST(Clip, CausalMaskHidesWhatFollows) {
  const at::NoGradGuard no_gradients;
  const Clip clip = tiny_model();
  const std::int64_t end = clip.tokenizer().end_id();
  at::Tensor tokens = at::tensor(std::vector<std::int64_t>{end - 1, 5, 6, end, 0, 0}).reshape({1, 6});
  const at::Tensor before = clip.encode_text(tokens);
  tokens[0][5] = 77;  // after the end token
  EXPECT_TRUE(at::equal(clip.encode_text(tokens), before));
  tokens[0][1] = 77;
  EXPECT_FALSE(at::allclose(clip.encode_text(tokens), before, 1e-3, 1e-3));
}

TEST(Clip, SameSeedSameWeights) {
  const Clip a = tiny_model(3), b = tiny_model(3), c = tiny_model(4);
  for (const auto& [name, tensor] : a.weights()) EXPECT_TRUE(at::equal(tensor, b.weights().at(name))) << name;
  EXPECT_FALSE(at::equal(a.weights().at("visual.proj"), c.weights().at("visual.proj")));
  EXPECT_NEAR(a.weights().at("token_embedding.weight").std().item<double>(), 0.02, 0.002);
}

TEST(Clip, SurvivesSavingAndLoading) {
  const at::NoGradGuard no_gradients;
  const Clip clip = tiny_model();
  const test::TemporaryDirectory folder;
  clip.save(folder / "full");
  clip.save(folder / "half", /*half=*/true);
  const Clip full = Clip::load(folder / "full"), half = Clip::load(folder / "half");
  const at::Tensor images = ramp({1, 3, 32, 32});
  EXPECT_TRUE(at::equal(full.encode_image(images).embedding, clip.encode_image(images).embedding));
  EXPECT_TRUE(at::equal(full.text_embeddings({"a thread"}), clip.text_embeddings({"a thread"})));
  EXPECT_LT(worst_cosine_distance(half.encode_image(images).embedding, clip.encode_image(images).embedding), 1e-4);
  EXPECT_EQ(half.weights().at("visual.proj").scalar_type(), at::kFloat);
  EXPECT_EQ(full.config().vision, clip.config().vision);
  EXPECT_EQ(full.config().text, clip.config().text);
  EXPECT_EQ(full.preprocessing().mode, ResizeMode::kSquash);
  EXPECT_EQ(full.preprocessing().mean, clip.preprocessing().mean);
  EXPECT_EQ(full.weights_sha256().size(), 64u);
  EXPECT_NE(full.weights_sha256(), half.weights_sha256());
  EXPECT_LT(std::filesystem::file_size(folder / "half" / "open_clip_model.safetensors"),
            std::filesystem::file_size(folder / "full" / "open_clip_model.safetensors") * 6 / 10);
}

TEST(Clip, ImageSizeMustFitThePatches) {
  test::expect_error<core::ConfigError>([] { parity_model(Activation::kGelu, 50); }, {"50", "8", "48"});
}

TEST(ClipPosition, AConstantGridStaysConstantAndTheClassRowIsKept) {
  const at::Tensor positions = at::cat({at::full({1, 3}, 7.0), at::full({16, 3}, 2.0)});
  for (const int side : {2, 5, 9}) {
    const at::Tensor resized = resize_positional_embedding(positions, side, side + 1);
    EXPECT_EQ(resized.size(0), 1 + side * (side + 1));
    EXPECT_TRUE(at::equal(resized[0], positions[0]));
    EXPECT_TRUE(at::allclose(resized.slice(0, 1), at::full({side * (side + 1), 3}, 2.0), 1e-5, 1e-5));
  }
  EXPECT_TRUE(resize_positional_embedding(positions, 4, 4).is_same(positions));
}

}  // namespace
}  // namespace normadd::networks
