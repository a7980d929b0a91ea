// SPDX-License-Identifier: Apache-2.0
// Files are told by their tensors, whatever they are called.
#include "weights/recognition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"
#include "weights/small_hub.h"

namespace normadd::weights {
namespace {

using test::expect_error;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

const std::filesystem::path kSource = NORMADD_SOURCE_DIR;

const Catalogue& cards() {
  static const Catalogue catalogue = Catalogue::read({kSource / "data/weights/cards", "/nowhere", "/nowhere"});
  return catalogue;
}

Recognised recognise_file(const std::filesystem::path& path) {
  return recognise(networks::SafetensorsFile::open(path), cards());
}

TEST(Recognition, EveryKnownResNet) {
  const TemporaryDirectory directory;
  for (const std::string name :
       {"resnet18", "resnet34", "resnet50", "resnet101", "wide_resnet50_2", "wide_resnet101_2"}) {
    write_shapes(directory / "file", resnet_shapes(name));
    const Recognised found = recognise_file(directory / "file");
    EXPECT_EQ(found.content, Content::kResNet);
    EXPECT_EQ(found.architecture, name);
    EXPECT_THAT(configuration_for(found, "F"), HasSubstr(name));
  }
  EXPECT_EQ(configuration_for(recognise_file(directory / "file"), "F"),
            "backbone=resnet50 backbone.name=wide_resnet101_2 backbone.weights=F");
}

TEST(Recognition, FilesThatEndWithTheDeepestTap) {
  const TemporaryDirectory directory;
  auto shapes = resnet_shapes("wide_resnet50_2");
  std::erase_if(shapes,
                [](const auto& item) { return item.first.starts_with("layer4.") || item.first.starts_with("fc."); });
  write_shapes(directory / "file", shapes);
  EXPECT_EQ(recognise_file(directory / "file").architecture, "wide_resnet50_2");
}

TEST(Recognition, WrappedNamesAreTheSame) {
  const TemporaryDirectory directory;
  std::map<std::string, std::vector<std::int64_t>> wrapped;
  for (const auto& [name, shape] : resnet_shapes("resnet18")) wrapped["module.model." + name] = shape;
  write_shapes(directory / "file", wrapped);
  EXPECT_EQ(recognise_file(directory / "file").architecture, "resnet18");
}

TEST(Recognition, VariantsThatAreNotBuilt) {
  const TemporaryDirectory directory;
  auto deep = resnet_shapes("resnet50");
  deep.erase("conv1.weight");
  deep["conv1.0.weight"] = {32, 3, 3, 3};
  write_shapes(directory / "deep", deep);
  EXPECT_EQ(recognise_file(directory / "deep").content, Content::kOtherResNet);
  auto grouped = resnet_shapes("wide_resnet50_2");
  grouped["layer1.0.conv2.weight"] = {128, 4, 3, 3};
  write_shapes(directory / "grouped", grouped);
  EXPECT_EQ(recognise_file(directory / "grouped").content, Content::kOtherResNet);
  EXPECT_EQ(configuration_for(recognise_file(directory / "grouped"), "F"), "");
}

TEST(Recognition, TheProgramsOwnFiles) {
  EXPECT_EQ(recognise_file(kSource / "data/weights/micro_resnet/model.safetensors").architecture, "micro_resnet");
  const Recognised clip = recognise_file(kSource / "data/weights/micro_clip/open_clip_model.safetensors");
  EXPECT_EQ(clip.content, Content::kClip);
  EXPECT_EQ(clip.architecture, "");  // no published model has these sizes
  EXPECT_EQ(recognise_file(kSource / "data/weights/micro_clip/dense_layers.safetensors").content,
            Content::kDenseLayers);
}

TEST(Recognition, ClipUnderEveryNaming) {
  const auto golden = [](const std::string& name) { return test::golden("networks/clip_names/" + name); };
  const Recognised open_clip = recognise_file(golden("open_clip.safetensors"));
  EXPECT_EQ(open_clip.content, Content::kClip);
  EXPECT_EQ(open_clip.naming, "open_clip");
  for (const auto& [file, naming] : std::map<std::string, std::string>{
           {"openai", "OpenAI"}, {"hugging_face", "Hugging Face"}, {"custom_text", "open_clip, text tower apart"}}) {
    const Recognised found = recognise_file(golden(file + ".safetensors"));
    EXPECT_EQ(found.content, Content::kClip) << file;
    EXPECT_EQ(found.naming, naming);
    EXPECT_EQ(found.facts, open_clip.facts) << file;  // the same model
  }
  const Recognised timm = recognise_file(golden("timm.safetensors"));
  EXPECT_EQ(timm.content, Content::kClipImage);
  EXPECT_EQ(timm.facts.front(), open_clip.facts.front());
}

TEST(Recognition, SizesNameThePublishedModel) {
  const TemporaryDirectory directory;
  std::map<std::string, std::vector<std::int64_t>> shapes{{"visual.conv1.weight", {1024, 3, 14, 14}},
                                                          {"visual.positional_embedding", {24 * 24 + 1, 1024}},
                                                          {"visual.proj", {1024, 768}},
                                                          {"token_embedding.weight", {49408, 768}},
                                                          {"positional_embedding", {77, 768}}};
  for (int i = 0; i < 24; ++i) {
    shapes["visual.transformer.resblocks." + std::to_string(i) + ".attn.in_proj_weight"] = {3072, 1024};
  }
  for (int i = 0; i < 12; ++i) {
    shapes["transformer.resblocks." + std::to_string(i) + ".attn.in_proj_weight"] = {2304, 768};
  }
  write_shapes(directory / "file", shapes);
  EXPECT_EQ(recognise_file(directory / "file").architecture, "ViT-L-14-336");
  shapes["visual.positional_embedding"] = {16 * 16 + 1, 1024};
  write_shapes(directory / "file", shapes);
  EXPECT_EQ(recognise_file(directory / "file").architecture, "ViT-L-14");
}

TEST(Recognition, TowersAloneAndOtherNetworks) {
  const TemporaryDirectory directory;
  const auto content = [&](const std::map<std::string, std::vector<std::int64_t>>& shapes,
                           const std::map<std::string, std::string>& metadata = {}) {
    write_shapes(directory / "file", shapes, metadata);
    return recognise_file(directory / "file").content;
  };
  EXPECT_EQ(content({{"text_model.embeddings.token_embedding.weight", {49408, 8}}}), Content::kClipText);
  EXPECT_EQ(content({{"visual.layer1.0.conv1.weight", {64, 64, 1, 1}}, {"token_embedding.weight", {49408, 8}}}),
            Content::kClipResNet);
  EXPECT_EQ(content({{"patch_embed.proj.weight", {8, 3, 4, 4}}, {"cls_token", {1, 1, 8}}}), Content::kUnknown);
  EXPECT_EQ(content({{"encoder.weight", {3}}}), Content::kUnknown);
  EXPECT_EQ(content({{"bank", {3, 4}}}, {{"normadd.detector", R"({"name": "patchcore"})"}}), Content::kDetector);
  EXPECT_EQ(content({}), Content::kUnknown);
  EXPECT_EQ(content({{"conv1.weight", {}}, {"layer1.0.conv1.weight", {0}}}), Content::kOtherResNet);
}

TEST(Recognition, PicklesAreNamedWithTheWayOut) {
  const TemporaryDirectory directory;
  const auto refuses = [&](const std::string& bytes, const std::vector<std::string>& mentions) {
    core::write_file_atomically(directory / "model.pth", bytes);
    expect_error<core::WeightsError>([&] { recognise_file(directory / "model.pth"); }, mentions);
  };
  refuses(std::string("PK\x03\x04\0\0\x08\x08", 8) + std::string(100, 'x'),
          {"model.pth", "pickle", "python", "safetensors"});
  refuses("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", {"pickle", "save_file"});
  refuses("version https://git-lfs.github.com/spec/v1\noid sha256:", {"Git LFS"});
  refuses("<!DOCTYPE html><html>", {"web page"});
}

}  // namespace
}  // namespace normadd::weights
