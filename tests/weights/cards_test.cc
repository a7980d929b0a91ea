// SPDX-License-Identifier: Apache-2.0
// The cards that the program ships, and what a card may not be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "networks/resnet_architecture.h"
#include "support/expect_error.h"
#include "weights/catalogue.h"
#include "weights/small_hub.h"

namespace normadd::weights {
namespace {

using test::expect_error;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::StartsWith;

const std::filesystem::path kCards = std::filesystem::path(NORMADD_SOURCE_DIR) / "data/weights/cards";

Catalogue shipped() {
  const test::TemporaryDirectory empty;
  return Catalogue::read({kCards, empty.path(), empty.path()});
}

TEST(ShippedCards, NameTheThreeSetsOfWideResNetApart) {
  const Catalogue cards = shipped();
  EXPECT_THAT(cards.names_for(Family::kResNet, "wide_resnet50_2"),
              ElementsAre("wide_resnet50_2.racm_in1k", "wide_resnet50_2.tv2_in1k", "wide_resnet50_2.tv_in1k"));
  EXPECT_NE(cards.get("wide_resnet50_2.racm_in1k").weights().sha256,
            cards.get("wide_resnet50_2.tv_in1k").weights().sha256);
}

TEST(ShippedCards, HaveArchitecturesThatAreBuilt) {
  const Catalogue cards = shipped();
  for (const Card& card : cards.cards()) {
    if (card.family == Family::kResNet) {
      EXPECT_THAT(networks::resnet_names(), Contains(card.architecture)) << card.name;
    }
    // A pinned card is pinned altogether, and the names of cards tell network and set.
    EXPECT_EQ(card.revision.has_value(), card.weights().sha256.has_value()) << card.name;
    EXPECT_THAT(card.name, StartsWith(card.architecture + ".")) << card.name;
    EXPECT_FALSE(card.licence.empty() || card.source.empty()) << card.name;
  }
}

// docs/weights.md, "Activation": OpenAI's weights were trained with QuickGELU, LAION's (but for its first ViT-B-32)
// with GELU.
TEST(ShippedCards, ActivationsAreThoseOfTheirFamilies) {
  std::size_t clips = 0;
  const Catalogue cards = shipped();
  for (const Card& card : cards.cards()) {
    if (!card.clip) continue;
    ++clips;
    const bool quick = card.clip->activation == networks::Activation::kQuickGelu;
    EXPECT_EQ(quick, card.name.ends_with(".openai")) << card.name;
  }
  EXPECT_GE(clips, 6u);
}

TEST(ShippedCards, AreInTheDocument) {
  const std::string document = core::read_file(std::filesystem::path(NORMADD_SOURCE_DIR) / "docs/weights.md");
  const Catalogue cards = shipped();
  for (const auto& name : cards.names()) EXPECT_NE(document.find('`' + name + '`'), std::string::npos) << name;
}

TEST(ShippedCards, HeadsAreNotAlwaysSixtyFourWide) {
  const Catalogue cards = shipped();
  EXPECT_EQ(cards.get("ViT-H-14.laion2b_s32b_b79k").clip->vision.heads, 16);  // 80 wide
  EXPECT_EQ(cards.get("ViT-B-16-plus-240.laion400m_e31").clip->vision.heads, 14);
  EXPECT_EQ(cards.get("ViT-L-14-336.openai").clip->image_px, 336);
}

TEST(Cards, UnknownNamesGetTheNearest) {
  expect_error<core::ConfigError>([] { shipped().get("ViT-L-14-336.opnai"); }, {"ViT-L-14-336.openai"});
}

TEST(Cards, MistakesAreNamedWithFileAndKey) {
  const SmallPlaces small;
  const auto refuses = [&](const std::string& revision, const std::string& files, const std::string& extra,
                           const std::vector<std::string>& mentions) {
    small.write_card("bad", "resnet", "resnet18", revision, files, extra);
    expect_error<core::ConfigError>([&] { Catalogue::read(small.places); }, mentions);
  };
  refuses("main", "  model.safetensors: {}", "", {"bad.yaml", "revision", "main"});
  refuses("null", "  model.safetensors: {sha256: abc}", "", {"bad.yaml", "model.safetensors", "abc"});
  refuses("null", "  ../../escape: {}", "", {"bad.yaml", "../../escape"});
  refuses("null", "  model.safetensors: {size: 3}", "", {"bad.yaml", "size"});
  refuses("null", "  model.safetensors: {}", "activation: gelu\n", {"bad.yaml", "activation"});
  refuses("null", "  model.safetensors: {}", "clip: {embed_dim: 3}\n", {"bad.yaml", "clip"});
  small.write_card("bad", "clip", "tiny", "null", "  model.safetensors: {}", "clip: {embed_dim: 3}\n");
  expect_error<core::ConfigError>([&] { Catalogue::read(small.places); }, {"bad.yaml", "clip"});
}

TEST(Cards, AFirstDownloadPinsOnThisMachineOnly) {
  const SmallPlaces small;
  small.write_card("loose", "resnet", "resnet18", "null", "  model.safetensors: {}");
  const std::string commit(40, 'c'), sha256(64, 'd');
  const Catalogue before = Catalogue::read(small.places);
  EXPECT_FALSE(before.get("loose").is_pinned());
  record_pin(small.places, before.get("loose"), commit, sha256);
  const Catalogue after = Catalogue::read(small.places);
  EXPECT_EQ(after.get("loose").revision, commit);
  EXPECT_EQ(after.get("loose").weights().sha256, sha256);
  EXPECT_TRUE(after.get("loose").pinned_here);
  EXPECT_EQ(after.find_sha256(sha256), &after.get("loose"));
  EXPECT_FALSE(Catalogue::read({small.places.cards, {}, small.directory / "elsewhere"}).get("loose").is_pinned());
}

}  // namespace
}  // namespace normadd::weights
