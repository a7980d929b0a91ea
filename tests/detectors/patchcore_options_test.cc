// SPDX-License-Identifier: Apache-2.0
#include "detectors/patchcore_options.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/value.h"
#include "core/error.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using config::Value;
using test::expect_error;

PatchCoreOptions read(const config::MapEntries& entries) {
  return config::read_options<PatchCoreOptions>(Value(entries), "detector");
}

nlohmann::ordered_json settings_of(const config::MapEntries& entries) { return to_json(read(entries).settings()); }

nlohmann::ordered_json differences(const std::string& profile) {
  const auto amazon = settings_of({{"profile", Value("amazon")}}), other = settings_of({{"profile", Value(profile)}});
  nlohmann::ordered_json found;
  for (const auto& [key, value] : other.items()) {
    if (value != amazon.at(key)) found[key] = value;
  }
  return found;
}

TEST(PatchCoreOptions, AmazonIsTheDefault) {
  EXPECT_EQ(to_json(PatchCoreOptions{}.settings()).dump(),
            R"({"profile":"amazon","pooling":"adaptive","layer_dims":1024,"embedding_dims":1024,"coreset_ratio":0.1,)"
            R"("projection":"uniform","projection_dims":128,"projection_epsilon":null,"coreset_start":"mean_distance",)"
            R"("num_starts":10,"neighbours":1,"squared":true,"score_reweight":false,"score_neighbours":null,)"
            R"("upsampling":"bilinear","blur_sigma_px":4.0,"blur_border":"reflect"})");
}

TEST(PatchCoreOptions, ProfilesDifferFromAmazonInThis) {
  EXPECT_EQ(differences("paper").dump(),
            R"({"profile":"paper","squared":false,"score_reweight":true,"score_neighbours":9})");
  EXPECT_EQ(differences("anomalib").dump(),
            R"({"profile":"anomalib","pooling":"average","layer_dims":null,"embedding_dims":null,)"
            R"("projection":"sparse","projection_dims":null,"projection_epsilon":0.9,"coreset_start":"row_kept",)"
            R"("num_starts":1,"squared":false,"score_reweight":true,"score_neighbours":9,"upsampling":"nearest",)"
            R"("blur_border":"reflect_101"})");
}

TEST(PatchCoreOptions, EachDifferenceIsOneOption) {
  // Singly set to what another profile has, each shows up in the settings and changes nothing else.
  const auto changed = [](const std::string& profile, const std::string& key, const Value& value) {
    const auto before = settings_of({{"profile", Value(profile)}});
    const auto after = settings_of({{"profile", Value(profile)}, {key, value}});
    std::string keys;
    for (const auto& [name, setting] : after.items()) {
      if (setting != before.at(name)) keys += name + " ";
    }
    return keys;
  };
  EXPECT_EQ(changed("amazon", "squared", Value(false)), "squared ");
  EXPECT_EQ(changed("amazon", "score_reweight", Value(true)), "score_reweight score_neighbours ");
  EXPECT_EQ(changed("paper", "score_neighbours", Value(5)), "score_neighbours ");
  EXPECT_EQ(changed("paper", "score_neighbours", Value(1)), "score_reweight score_neighbours ");
  EXPECT_EQ(changed("amazon", "pooling", Value("average")), "pooling layer_dims embedding_dims ");
  EXPECT_EQ(changed("anomalib", "pooling", Value("adaptive")), "pooling layer_dims embedding_dims ");
  EXPECT_EQ(changed("amazon", "layer_dims", Value(512)), "layer_dims ");
  EXPECT_EQ(changed("amazon", "embedding_dims", Value(384)), "embedding_dims ");
  EXPECT_EQ(changed("amazon", "projection", Value("sparse")), "projection ");
  EXPECT_EQ(changed("anomalib", "projection_dims", Value(64)), "projection_dims projection_epsilon ");
  EXPECT_EQ(changed("amazon", "projection_epsilon", Value(0.5)), "projection_dims projection_epsilon ");
  EXPECT_EQ(changed("anomalib", "coreset_start", Value("row_left_out")), "coreset_start ");
  EXPECT_EQ(changed("anomalib", "coreset_start", Value("mean_distance")), "coreset_start num_starts ");
  EXPECT_EQ(changed("amazon", "num_starts", Value(3)), "num_starts ");
  EXPECT_EQ(changed("anomalib", "upsampling", Value("bilinear")), "upsampling ");
  EXPECT_EQ(changed("amazon", "blur_border", Value("reflect_101")), "blur_border ");
}

TEST(PatchCoreOptions, NullIsTheProfiles) {
  config::MapEntries entries{{"profile", Value("anomalib")}};
  for (const char* key : {"pooling", "layer_dims", "embedding_dims", "projection", "projection_dims",
                          "projection_epsilon", "coreset_start", "num_starts", "squared", "score_reweight",
                          "score_neighbours", "upsampling", "blur_border", "shots", "shot_seed", "shot_list"}) {
    entries.emplace_back(key, Value());
  }
  EXPECT_EQ(settings_of(entries), settings_of({{"profile", Value("anomalib")}}));
}

TEST(PatchCoreOptions, ContradictionsAreRefused) {
  const auto refused = [](const config::MapEntries& entries, const std::vector<std::string>& mentions) {
    expect_error<core::ConfigError>([&] { read(entries).settings(); }, mentions);
  };
  refused({{"profile", Value("anomalib")}, {"layer_dims", Value(512)}}, {"detector.layer_dims", "average"});
  refused({{"profile", Value("anomalib")}, {"embedding_dims", Value(512)}}, {"detector.embedding_dims", "average"});
  refused({{"projection_dims", Value(9)}, {"projection_epsilon", Value(0.9)}}, {"detector.projection_epsilon"});
  refused({{"profile", Value("anomalib")}, {"num_starts", Value(2)}}, {"detector.num_starts", "row_kept"});
  refused({{"score_neighbours", Value(5)}}, {"detector.score_neighbours", "detector.score_reweight=true"});
  refused({{"profile", Value("amazn")}}, {"detector.profile", "amazon, paper, anomalib"});
  refused({{"pooling", Value("max")}}, {"detector.pooling", "adaptive, average"});
  refused({{"projection_epsilon", Value(1.0)}}, {"detector.projection_epsilon"});
}

TEST(PatchCoreOptions, AnomalibWantsThePictureSquashed) {
  const FeatureRequest amazon = PatchCoreOptions{}.feature_request();
  EXPECT_EQ(amazon.resize_mode, networks::ResizeMode::kShorterSide);
  EXPECT_EQ(amazon.crop_px, 224);
  const FeatureRequest anomalib = read({{"profile", Value("anomalib")}}).feature_request();
  EXPECT_EQ(anomalib.resize_mode, networks::ResizeMode::kSquash);
  EXPECT_EQ(anomalib.resize_px, 256);
  EXPECT_EQ(anomalib.crop_px, 0);
}

TEST(PatchCoreOptions, DimensionsOfTheProjectionMayFollowFromTheNumberOfPatches) {
  EXPECT_EQ(PatchCoreOptions{}.settings().projected_dims(171696), 128);
  EXPECT_EQ(read({{"profile", Value("anomalib")}}).settings().projected_dims(171696), 297);
}

}  // namespace
}  // namespace normadd::detectors
