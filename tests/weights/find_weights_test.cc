// SPDX-License-Identifier: Apache-2.0
// From what stands in the configuration to the file, or to a sentence that helps.
#include "weights/find_weights.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/hashing.h"
#include "support/expect_error.h"
#include "weights/fetch.h"
#include "weights/hub_cache.h"
#include "weights/small_hub.h"

namespace normadd::weights {
namespace {

namespace fs = std::filesystem;
using test::expect_error;

const fs::path kSource = NORMADD_SOURCE_DIR;
const fs::path kMicroResNet = kSource / "data/weights/micro_resnet/model.safetensors";
const fs::path kMicroClip = kSource / "data/weights/micro_clip";

/// A CLIP with CLIP's own vocabulary and the smallest of towers.
networks::ClipConfig tiny_config() {
  networks::ClipConfig config;
  config.embedding = 8;
  config.image_px = config.preprocessing.resize_px = config.preprocessing.crop_px = 16;
  config.patch_px = 8;
  config.vision = {16, 2, 2, 64};
  config.text = {8, 1, 1, 32};
  config.activation = networks::Activation::kQuickGelu;
  config.preprocessing.filter = imaging::Filter::kBicubic;
  return config;
}

constexpr const char* kTinyCard =
    "clip: {embed_dim: 8, image_size: 16, patch_size: 8, width: 16, layers: 2, heads: 2, text_width: 8, "
    "text_layers: 1, text_heads: 1, quick_gelu: true, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], "
    "interpolation: bicubic, resize_mode: shortest}\n";

class FindWeightsTest : public ::testing::Test {
 protected:
  void add_resnet_card(const std::string& name, const std::string& architecture, const std::string& sha256) {
    small.write_card(name, "resnet", architecture, '"' + hub.commit + '"',
                     fmt::format("  model.safetensors: {{sha256: \"{}\"}}", sha256));
  }
  void fetch_card(const std::string& name) {
    fetch(Catalogue::read(small.places).get(name), {}, hub.hub(), small.places);
  }
  SmallHub hub;
  SmallPlaces small;
};

TEST_F(FindWeightsTest, ACardsNameMeansItsFileInTheCache) {
  hub.files["model.safetensors"] = core::read_file(kMicroResNet);
  add_resnet_card("micro.shipped", "micro_resnet", core::sha256_hex_of_file(kMicroResNet));
  expect_error<core::WeightsError>(
      [&] { find_resnet_weights("micro.shipped", "micro_resnet", small.places); },
      {"micro.shipped", "normadd weights fetch micro.shipped", small.places.hub_cache.string()});
  fetch_card("micro.shipped");
  const auto found = find_resnet_weights("micro.shipped", "micro_resnet", small.places);
  EXPECT_EQ(core::read_file(found.file), hub.files["model.safetensors"]);
  EXPECT_EQ(found.origin.card, "micro.shipped");
  EXPECT_EQ(found.origin.repository, SmallHub::kRepository);
  EXPECT_EQ(found.origin.revision, hub.commit);
}

TEST_F(FindWeightsTest, TheSameBytesOfAnotherCommitAreTheSameWeights) {
  hub.files["model.safetensors"] = core::read_file(kMicroResNet);
  add_resnet_card("micro.shipped", "micro_resnet", core::sha256_hex_of_file(kMicroResNet));
  fetch_card("micro.shipped");
  const auto repository = HubCache(small.places.hub_cache).repository(SmallHub::kRepository);
  const std::string newer(40, 'b');
  fs::rename(repository / "snapshots" / hub.commit, repository / "snapshots" / newer);
  EXPECT_EQ(find_resnet_weights("micro.shipped", "micro_resnet", small.places).origin.revision, newer);
}

TEST_F(FindWeightsTest, OtherBytesAreNotTaken) {
  hub.files["model.safetensors"] = core::read_file(kMicroResNet);
  add_resnet_card("micro.shipped", "micro_resnet", core::sha256_hex_of_file(kMicroResNet));
  fetch_card("micro.shipped");
  const auto file = find_resnet_weights("micro.shipped", "micro_resnet", small.places).file;
  std::string damaged = hub.files["model.safetensors"];
  damaged.back() = static_cast<char>(damaged.back() + 1);
  core::write_file_atomically(fs::canonical(file), damaged);
  expect_error<core::WeightsError>([&] { find_resnet_weights("micro.shipped", "micro_resnet", small.places); },
                                   {"damaged", "normadd weights fetch", core::sha256_hex(damaged)});
}

TEST_F(FindWeightsTest, PathsArePaths) {
  EXPECT_EQ(find_resnet_weights(kMicroResNet.string(), "micro_resnet", small.places).file, kMicroResNet);
  EXPECT_EQ(find_clip_weights(kMicroClip.string(), small.places).parts.folder, kMicroClip);
  expect_error<core::WeightsError>([&] { find_resnet_weights("/no/file", "resnet18", small.places); },
                                   {"/no/file", "backbone.weights=PATH"});
  expect_error<core::WeightsError>([&] { find_resnet_weights(kMicroClip.string(), "micro_resnet", small.places); },
                                   {"folder", "model.safetensors"});
  expect_error<core::WeightsError>(
      [&] { find_clip_weights((kMicroClip / "open_clip_model.safetensors").string(), small.places); },
      {"clip.path=" + kMicroClip.string()});
}

TEST_F(FindWeightsTest, MistypedNamesGetTheNearest) {
  add_resnet_card("resnet18.tv", "resnet18", std::string(64, '0'));
  expect_error<core::WeightsError>([&] { find_resnet_weights("resnet18.tw", "resnet18", small.places); },
                                   {"resnet18.tw", "resnet18.tv"});
}

TEST_F(FindWeightsTest, WeightsOfAnotherNetworkAreNamed) {
  add_resnet_card("wide.one", "wide_resnet50_2", std::string(64, '0'));
  add_resnet_card("small.one", "resnet18", std::string(64, '1'));
  expect_error<core::WeightsError>([&] { find_resnet_weights("small.one", "wide_resnet50_2", small.places); },
                                   {"resnet18", "wide_resnet50_2", "backbone.weights=wide.one"});
  expect_error<core::WeightsError>([&] { find_clip_weights("small.one", small.places); },
                                   {"small.one", "not of a CLIP", "backbone=resnet18"});
  const fs::path file = small.directory / "called_wide_resnet50_2.safetensors";
  write_shapes(file, resnet_shapes("resnet18"));
  expect_error<core::WeightsError>(
      [&] { find_resnet_weights(file.string(), "wide_resnet50_2", small.places); },
      {file.string(), "holds resnet18, not wide_resnet50_2", "backbone=resnet18", "backbone.weights=wide.one"});
  EXPECT_EQ(find_resnet_weights(file.string(), "resnet18", small.places).file, file);
}

TEST_F(FindWeightsTest, ClipAndResNetAreNotTakenForEachOther) {
  const std::string clip = (kMicroClip / "open_clip_model.safetensors").string();
  expect_error<core::WeightsError>([&] { find_resnet_weights(clip, "micro_resnet", small.places); },
                                   {"a CLIP", "clip.path=" + kMicroClip.string()});
  const fs::path folder = small.directory / "folder";
  fs::create_directories(folder);
  fs::copy_file(kMicroResNet, folder / "model.safetensors");
  expect_error<core::WeightsError>([&] { find_clip_weights(folder.string(), small.places); }, {"ResNet", "not a CLIP"});
  write_shapes(folder / "model.safetensors", {{"text_model.embeddings.token_embedding.weight", {49408, 8}}});
  expect_error<core::WeightsError>([&] { find_clip_weights(folder.string(), small.places); }, {"text tower"});
  core::write_file_atomically(folder / "model.safetensors", "PK\x03\x04 and so on");
  expect_error<core::WeightsError>([&] { find_clip_weights(folder.string(), small.places); }, {"pickle"});
}

TEST_F(FindWeightsTest, AClipNeedsNeitherDescriptionNorVocabularyInTheCache) {
  const auto original = networks::Clip::random(tiny_config(), networks::Tokenizer::clip(), 5);
  original.save(small.directory / "made");
  const fs::path file = small.directory / "made/open_clip_model.safetensors";
  hub.files["open_clip_model.safetensors"] = core::read_file(file);
  small.write_card("tiny.card", "clip", "tiny", '"' + hub.commit + '"',
                   fmt::format("  open_clip_model.safetensors: {{sha256: \"{}\"}}\n  open_clip_config.json: {{}}",
                               core::sha256_hex_of_file(file)),
                   kTinyCard);
  fetch_card("tiny.card");
  const ClipWeights found = find_clip_weights("tiny.card", small.places);
  EXPECT_FALSE(fs::exists(found.parts.folder / "open_clip_config.json"));
  EXPECT_EQ(found.parts.config, tiny_config());
  const auto loaded = networks::Clip::load(found.parts);
  const std::vector<std::string> texts{"a photo of a cat", "a scratch"};
  EXPECT_TRUE(at::equal(loaded.text_embeddings(texts), original.text_embeddings(texts)));

  // The same folder by its path: the card with the same bytes says what it is.
  const ClipWeights by_path = find_clip_weights(found.parts.folder.string(), small.places);
  EXPECT_EQ(by_path.parts.config, tiny_config());
  EXPECT_EQ(by_path.origin.card, "tiny.card");

  // Bytes that no card knows could have any activation.
  const fs::path stranger = small.directory / "stranger";
  networks::Clip::random(tiny_config(), networks::Tokenizer::clip(), 6).save(stranger);
  fs::remove(stranger / "open_clip_config.json");
  expect_error<core::WeightsError>([&] { find_clip_weights(stranger.string(), small.places); },
                                   {"no open_clip_config.json", "activation"});
}

TEST_F(FindWeightsTest, AHubFolderWithoutVocabularyIsAModel) {
  const auto original = networks::Clip::random(tiny_config(), networks::Tokenizer::clip(), 5);
  original.save(small.directory / "made");
  ASSERT_TRUE(fs::remove(small.directory / "made/merges.txt"));
  const auto loaded = networks::Clip::load(find_clip_weights((small.directory / "made").string(), small.places).parts);
  EXPECT_TRUE(at::equal(loaded.tokenize({"metal_nut"}), original.tokenize({"metal_nut"})));
  EXPECT_EQ(networks::Tokenizer::from_folder(small.directory / "made").size(), 49408);
}

}  // namespace
}  // namespace normadd::weights
