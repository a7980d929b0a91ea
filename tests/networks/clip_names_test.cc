// SPDX-License-Identifier: Apache-2.0
// One model in the files of five projects.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "networks/clip.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::networks {
namespace {

namespace fs = std::filesystem;

/// A model folder with one of the golden weight files, perhaps changed.
class ModelFolder {
 public:
  explicit ModelFolder(const std::string& weights, const std::function<void(TensorMap&)>& change = {}) {
    for (const char* name : {"open_clip_config.json", "merges.txt"}) {
      fs::copy_file(test::golden("networks/clip_names") / name, folder_ / name);
    }
    const fs::path source = test::golden("networks/clip_names") / (weights + ".safetensors");
    TensorMap tensors = SafetensorsFile::open(source).tensors();
    if (change) change(tensors);
    write_safetensors(folder_ / "open_clip_model.safetensors", tensors);
  }
  const fs::path& path() const { return folder_.path(); }

 private:
  test::TemporaryDirectory folder_;
};

double difference(const at::Tensor& a, const std::string& golden) {
  static const auto outputs = SafetensorsFile::open(test::golden("networks/clip_names/outputs.safetensors"));
  return (a - outputs.tensor(golden)).abs().max().item<double>();
}

at::Tensor golden_input(const std::string& name) {
  return SafetensorsFile::open(test::golden("networks/clip_names/outputs.safetensors")).tensor(name);
}

class ClipNames : public ::testing::TestWithParam<const char*> {};

TEST_P(ClipNames, GiveTheSameEmbeddings) {
  const at::NoGradGuard no_gradients;
  const ModelFolder folder(GetParam());
  const Clip clip = Clip::load(folder.path());
  EXPECT_LT(difference(clip.encode_image(golden_input("images").to(at::kFloat)).embedding, "image"), 1e-4);
  EXPECT_EQ(clip.has_text(), std::string(GetParam()) != "timm");
  if (clip.has_text()) {
    EXPECT_LT(difference(clip.encode_text(golden_input("tokens")), "text"), 1e-4);
  }
  for (const auto& [name, tensor] : clip.weights()) EXPECT_EQ(tensor.scalar_type(), at::kFloat) << name;
}

TEST_P(ClipNames, AreFoundBehindAWrapper) {
  for (const std::string wrapper : {"module.", "state_dict.", "state_dict.module."}) {
    const ModelFolder folder(GetParam(), [&](TensorMap& tensors) {
      TensorMap wrapped;
      for (const auto& [name, tensor] : tensors) wrapped[wrapper + name] = tensor;
      tensors = wrapped;
    });
    const at::NoGradGuard no_gradients;
    EXPECT_LT(
        difference(Clip::load(folder.path()).encode_image(golden_input("images").to(at::kFloat)).embedding, "image"),
        1e-4);
  }
}

TEST_P(ClipNames, MissingTensorsAreListed) {
  std::vector<std::string> removed;
  const ModelFolder folder(GetParam(), [&](TensorMap& tensors) {
    for (auto it = tensors.begin(); it != tensors.end();) {
      const bool drop = it->first.find("1.") != std::string::npos && it->first.find("mlp") != std::string::npos;
      if (drop) removed.push_back(it->first);
      it = drop ? tensors.erase(it) : std::next(it);
    }
  });
  ASSERT_GE(removed.size(), 4u);
  removed.push_back("missing");
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, removed);
}

TEST_P(ClipNames, UnknownTensorsAreListed) {
  const ModelFolder folder(GetParam(), [](TensorMap& tensors) { tensors["visual.adapter.weight"] = at::zeros({3}); });
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, {"unknown", "visual.adapter.weight"});
}

INSTANTIATE_TEST_SUITE_P(Files, ClipNames,
                         ::testing::Values("open_clip", "custom_text", "openai", "hugging_face", "timm"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ClipWeights, MisshapenTensorIsNamedWithBothShapes) {
  const ModelFolder folder("open_clip", [](TensorMap& tensors) { tensors["visual.proj"] = at::zeros({16, 10}); });
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, {"visual.proj", "[16, 12]", "[16, 10]"});
}

TEST(ClipWeights, LogitScaleMayHaveOneElement) {
  const ModelFolder folder("open_clip",
                           [](TensorMap& tensors) { tensors["logit_scale"] = tensors["logit_scale"].reshape({1}); });
  EXPECT_EQ(Clip::load(folder.path()).weights().at("logit_scale").dim(), 0);
}

TEST(ClipWeights, TimmBiasThatIsNotZeroIsRefused) {
  const ModelFolder folder("timm", [](TensorMap& tensors) { tensors["head.bias"] = at::ones({12}); });
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, {"head.bias"});
}

TEST(ClipWeights, FeatureUseIgnoresLaterBlocksAndTheTextTower) {
  const ModelFolder folder("open_clip", [](TensorMap& tensors) {
    for (auto it = tensors.begin(); it != tensors.end();) {
      const bool needed = it->first.starts_with("visual.") && it->first.find("resblocks.1") == std::string::npos &&
                          it->first != "visual.proj" && !it->first.starts_with("visual.ln_post");
      it = needed ? std::next(it) : tensors.erase(it);
    }
  });
  const at::NoGradGuard no_gradients;
  const Clip clip = Clip::load_image_blocks(folder.path(), 1);
  EXPECT_EQ(clip.encode_patches(golden_input("images").to(at::kFloat), {1})[0].size(2), 16);
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); },
                                         {"missing", "resblocks.1.ln_1.weight", "more"});
}

TEST(ClipFolder, EveryMissingPartIsNamed) {
  for (const char* name : {"open_clip_config.json", "open_clip_model.safetensors", "merges.txt"}) {
    const ModelFolder folder("open_clip");
    fs::remove(folder.path() / name);
    test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, {name, folder.path().string()});
  }
}

TEST(ClipFolder, VocabularyOfAnotherSizeIsRefused) {
  const ModelFolder folder("open_clip");
  core::write_file_atomically(folder.path() / "merges.txt", "#version: 0.2\na b\n");
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, {"515", "534"});
}

TEST(ClipConfig, BadDescriptionsNameFileAndKey) {
  const ModelFolder folder("open_clip");
  const fs::path file = folder.path() / "open_clip_config.json";
  const std::string good = core::read_file(file);
  const auto expect = [&](const std::string& from, const std::string& to, const std::vector<std::string>& mentions) {
    std::string text = good;
    ASSERT_NE(text.find(from), std::string::npos);
    core::write_file_atomically(file, text.replace(text.find(from), from.size(), to));
    std::vector<std::string> all = mentions;
    all.push_back(file.string());
    test::expect_error<core::WeightsError>([&] { ClipConfig::read(file); }, all);
  };
  expect("{", "[", {"JSON"});
  expect("\"model_cfg\"", "\"model\"", {"model_cfg"});
  expect("\"embed_dim\": 12", "\"embed_dim\": " + std::string(100000, '[') + std::string(100000, ']'), {"too deeply"});
  expect("\"embed_dim\": 12", "\"embed_dim\": \"12\"", {"model_cfg.embed_dim", "\"12\""});
  expect("\"layers\": 2", "\"layers\": [3, 4, 6, 3]", {"model_cfg.vision_cfg.layers", "[3,4,6,3]"});
  expect("\"patch_size\": 8", "\"patch_size\": 7", {"image_size", "16", "7"});
  expect("\"patch_size\": 8", "\"patch_size\": 8, \"timm_model_name\": \"convnext\"", {"timm_model_name", "convnext"});
  expect("\"heads\": 2", "\"heads\": 3", {"model_cfg.text_cfg.width", "3 heads"});
  expect("\"squash\"", "\"longest\"", {"preprocess_cfg.resize_mode", "longest"});
  expect("\"bicubic\"", "\"random\"", {"preprocess_cfg.interpolation", "random"});
}

TEST(ClipConfig, WhatIsLeftOutIsAsInOpenClip) {
  const test::TemporaryDirectory folder;
  core::write_file_atomically(folder / "c.json",
                              R"({"model_cfg": {"embed_dim": 512, "vision_cfg": {}, "text_cfg": {}}})");
  const ClipConfig config = ClipConfig::read(folder / "c.json");
  EXPECT_EQ(config.vision, (ClipTower{768, 12, 12, 3072}));
  EXPECT_EQ(config.text, (ClipTower{512, 12, 8, 2048}));
  EXPECT_EQ(config.image_px, 224);
  EXPECT_EQ(config.patch_px, 16);
  // A wide text tower keeps the eight heads unless told otherwise.
  core::write_file_atomically(folder / "w.json",
                              R"({"model_cfg": {"embed_dim": 512, "vision_cfg": {}, "text_cfg": {"width": 768}}})");
  EXPECT_EQ(ClipConfig::read(folder / "w.json").text.heads, 8);
}

TEST(ClipWeights, IntegersAreNoWeights) {
  const ModelFolder folder("open_clip");
  const fs::path file = folder.path() / "open_clip_model.safetensors";
  auto tensors = SafetensorsFile::open(file).tensors();
  for (auto& [name, tensor] : tensors) tensor = tensor.clone();
  tensors["ln_final.weight"] = at::ones(tensors.at("ln_final.weight").sizes(), at::kShort);
  write_safetensors(file, tensors);
  test::expect_error<core::WeightsError>([&] { Clip::load(folder.path()); }, {"ln_final.weight", "I16"});
}

}  // namespace
}  // namespace normadd::networks
