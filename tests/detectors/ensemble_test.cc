// SPDX-License-Identifier: Apache-2.0
#include "detectors/ensemble.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/random.h"
#include "detectors/external.h"
#include "detectors/registry.h"
#include "detectors/small_network.h"
#include "imaging/map_codec.h"
#include "support/expect_error.h"

namespace normadd::detectors {
namespace {

using config::MapEntries;
using config::Value;
using core::ConfigError;
using core::DataError;
using core::WeightsError;
using test::expect_error;

TEST(ValueScale, MinMaxIsAStraightLineThatGoesOn) {
  const ValueScale scale = ValueScale::learn(Normalisation::kMinMax, {4, 2, 3}, "values");
  EXPECT_EQ(scale(1), 0);
  EXPECT_EQ(scale(2), 0);
  EXPECT_EQ(scale(2.5), 0.25);
  EXPECT_EQ(scale(4), 1);
  EXPECT_EQ(scale(8), 3);
}

TEST(ValueScale, RankIsTheShareOfCalibrationValuesThatAreNotLarger) {
  const ValueScale scale = ValueScale::learn(Normalisation::kRank, {0, 1, 10, 100, 1000}, "values");
  EXPECT_EQ(scale(-1), 0);
  EXPECT_EQ(scale(0), 0);
  EXPECT_EQ(scale(1), 0.25);
  EXPECT_DOUBLE_EQ(scale(55), 0.625);
  EXPECT_EQ(scale(1000), 1);
  EXPECT_EQ(scale(2000), 2);  // anomalies stay in order

  // Against a brute-force count, on many more values than knots.
  core::RandomStream random(0, "values");
  std::vector<double> values(20000);
  for (double& value : values) value = std::exp(random.normal());
  const ValueScale fine = ValueScale::learn(Normalisation::kRank, values, "values");
  for (const double at : {0.1, 0.5, 1.0, 2.0, 5.0}) {
    const auto not_larger = std::count_if(values.begin(), values.end(), [&](double value) { return value <= at; });
    EXPECT_NEAR(fine(at), static_cast<double>(not_larger) / static_cast<double>(values.size()), 0.002) << at;
  }
}

TEST(ValueScale, NeverTurnsAnOrderAround) {
  core::RandomStream random(1, "values");
  std::vector<double> values(300);
  for (double& value : values) value = std::floor(random.uniform(0, 20));  // many ties
  for (const auto normalisation : {Normalisation::kMinMax, Normalisation::kRank}) {
    const ValueScale scale = ValueScale::learn(normalisation, values, "values");
    for (double at = -5; at < 30; at += 0.1) EXPECT_LE(scale(at), scale(at + 0.1)) << at;
  }
}

TEST(ValueScale, ComesBackFromItsKnotsAndRefusesOthers) {
  const ValueScale scale = ValueScale::learn(Normalisation::kRank, {0.1, 0.7, 0.2, 5}, "values");
  const ValueScale again = ValueScale::from_knots(scale.knots(), "knots", "file");
  for (const double at : {0.0, 0.15, 0.69, 4.0, 7.0}) EXPECT_EQ(scale(at), again(at));
  for (const at::Tensor& bad : {at::tensor({1.0, 0.0}, at::kDouble), at::tensor({1.0, 1.0}, at::kDouble),
                                at::tensor({1.0}, at::kDouble), at::tensor({0.0f, 1.0f})}) {
    expect_error<WeightsError>([&] { ValueScale::from_knots(bad, "knots", "file"); }, {"knots", "file"});
  }
  expect_error<DataError>(
      [] {
        ValueScale::learn(Normalisation::kMinMax, {2, 2}, "the maps of 'a'");
      },
      {"the maps of 'a'", "2"});
}

/// Two members whose maps lie on disk, so that every number can be worked out by hand.
class EnsembleOfMaps : public ::testing::Test {
 protected:
  EnsembleOfMaps() {
    for (int i = 0; i < 4; ++i) {
      ids_.push_back("carpet/train/good/00" + std::to_string(i) + ".png");
      write("a", "train/good/00" + std::to_string(i), {0.0f, 1.0f, 2.0f, static_cast<float>(3 + i)});
      write("b", "train/good/00" + std::to_string(i), {100.0f, 100.0f, 150.0f, static_cast<float>(200 + 100 * i)});
    }
    write("a", "test/hole/000", {6.0f, 3.0f, 0.0f, 12.0f});
    write("b", "test/hole/000", {600.0f, 100.0f, 0.0f, 350.0f});
  }

  void write(const std::string& member, const std::string& name, const std::vector<float>& values) const {
    imaging::Map map(2, 2);
    map.values = values;
    imaging::write_tiff_map(directory_ / member / "carpet" / (name + ".tiff"), map);
  }

  Value section(const std::string& member) const {
    return Value(MapEntries{{"name", Value("external")}, {"root", Value((directory_ / member).string())}});
  }

  std::unique_ptr<Detector> ensemble(MapEntries more = {}) const {
    MapEntries node{{"name", Value("ensemble")},
                    {"members", Value(MapEntries{{"a", section("a")}, {"b", section("b")}})}};
    node.insert(node.end(), more.begin(), more.end());
    return make_detector(Value(node), fixed_resources(nullptr));
  }

  ImageSource train() const {
    return {ids_.size(), [](std::size_t) { return imaging::Image(20, 20, 3); }, "carpet", ids_};
  }

  static Prediction predict(const Detector& detector) {
    const imaging::Image picture(20, 20, 3);
    const std::string id = "carpet/test/hole/000.png";
    return detector.predict({&picture, 1}, {&id, 1}).front();
  }

  test::TemporaryDirectory directory_;
  std::vector<std::string> ids_;
};

TEST_F(EnsembleOfMaps, AveragesWhatMinMaxMakesOfTheMembers) {
  const auto detector =
      ensemble({{"calibration_share", Value(0)}, {"weights", Value(config::List{Value(3), Value(1)})}});
  detector->fit(train(), 0);
  const Prediction prediction = predict(*detector);
  // Over train/good: a's maps span 0 to 6 and its scores 3 to 6, b's maps 100 to 500 and its scores 200 to 500.
  const float expected[] = {0.75f * 1.0f + 0.25f * 1.25f, 0.75f * 0.5f, 0.0f, 0.75f * 2.0f + 0.25f * 0.625f};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(prediction.map.values[i], expected[i]) << i;
  EXPECT_DOUBLE_EQ(prediction.score, 0.75 * 3 + 0.25 * (400.0 / 300.0));
}

TEST_F(EnsembleOfMaps, TheScaleComesFromPicturesSetAside) {
  // Whatever is drawn, two of the four pictures decide, and the same ones for the same seed.
  std::set<double> scores;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const auto first = ensemble({{"calibration_share", Value(0.5)}}),
               second = ensemble({{"calibration_share", Value(0.5)}});
    first->fit(train(), seed);
    second->fit(train(), seed);
    EXPECT_EQ(predict(*first).score, predict(*second).score);
    scores.insert(predict(*first).score);
  }
  EXPECT_GT(scores.size(), 1u);
}

TEST_F(EnsembleOfMaps, ForeignGeometriesAreBroughtIntoTheFirstOnes) {
  // b shows only the centre of the picture: beyond it b has nothing to say.
  GeometryRecord record;
  record.add({{20, 20}, {4, 4}, 1, 1, {2, 2}});
  record.write(directory_ / "b" / "geometry.json");
  const auto detector = ensemble({{"calibration_share", Value(0)}});
  detector->fit(train(), 0);
  const Prediction prediction = predict(*detector);
  EXPECT_EQ(prediction.geometry, imaging::Geometry::squash({20, 20}, {2, 2}));
  // The centre of a's first pixel, (5, 5) in the picture, is the corner of b's map: its first value is the nearest.
  EXPECT_FLOAT_EQ(prediction.map.values[0], 0.5f * 1.0f + 0.5f * 1.25f);
}

TEST_F(EnsembleOfMaps, BadEnsemblesAreRefused) {
  const auto resources = fixed_resources(nullptr);
  const auto with = [&](MapEntries members, MapEntries more = {}) {
    MapEntries node{{"name", Value("ensemble")}, {"members", Value(std::move(members))}};
    node.insert(node.end(), more.begin(), more.end());
    return make_detector(Value(node), resources);
  };
  expect_error<ConfigError>([&] { with({}); }, {"detector.members", "+detector@detector.members"});
  expect_error<ConfigError>(
      [&] {
        with({{"a", Value(MapEntries{{"name", Value("patchcor")}})}});
      },
      {"detector.members.a", "patchcor", "patchcore"});
  expect_error<ConfigError>([&] { with({{"a", Value(3)}}); }, {"detector.members.a"});
  expect_error<ConfigError>([&] { with({{"../a", section("a")}}); }, {"../a", "detector.members"});
  expect_error<ConfigError>(
      [&] {
        with({{"a", section("a")}}, {{"weights", Value(config::List{Value(1), Value(2)})}});
      },
      {"detector.weights", "2 weights"});
  expect_error<ConfigError>(
      [&] {
        with({{"a", section("a")}}, {{"weights", Value(config::List{Value(0)})}});
      },
      {"detector.weights"});
  expect_error<ConfigError>(
      [&] {
        with({{"a", section("a")}}, {{"normalisation", Value("minmax")}});
      },
      {"detector.normalisation", "min_max"});
  ImageSource few = train();
  few.count = 2;
  few.ids.resize(2);
  expect_error<DataError>([&] { ensemble()->fit(few, 0); }, {"only 2", "detector.calibration_share"});
}

class EnsembleOfBanks : public ::testing::Test {
 protected:
  std::unique_ptr<Detector> ensemble(int neighbours = 1) const {
    const auto member = [&](double ratio) {
      return Value(MapEntries{{"name", Value("patchcore")},
                              {"layer_dims", Value(96)},
                              {"embedding_dims", Value(64)},
                              {"projection_dims", Value(16)},
                              {"neighbours", Value(neighbours)},
                              {"coreset_ratio", Value(ratio)}});
    };
    return make_detector(
        Value(MapEntries{{"name", Value("ensemble")},
                         {"normalisation", Value("rank")},
                         {"members", Value(MapEntries{{"full", member(1.0)}, {"tenth", member(0.1)}})}}),
        fixed_resources(std::make_shared<SmallNetwork>(golden_network())));
  }

  std::vector<imaging::Image> pictures(const char* name) const { return images_of(patchcore_golden().tensor(name)); }

  test::TemporaryDirectory directory_;
};

TEST_F(EnsembleOfBanks, SavedOnesPredictTheSameBitForBitAndBelongTogether) {
  std::vector<imaging::Image> train = pictures("images.train");
  const std::vector<imaging::Image> test = pictures("images.test");
  while (train.size() < 5) train.insert(train.end(), test.begin(), test.end());
  const auto fitted = ensemble();
  fitted->fit({train.size(), [&](std::size_t i) { return train[i]; }}, 7);
  const auto file = directory_ / "carpet.safetensors";
  fitted->save(file, {{"normadd.category", "carpet"}});
  EXPECT_TRUE(std::filesystem::is_regular_file(directory_ / "carpet.members" / "tenth.safetensors"));
  const auto loaded = ensemble();
  loaded->load(file);
  const auto before = fitted->predict(test), after = loaded->predict(test);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].map.values, after[i].map.values);
    EXPECT_EQ(before[i].score, after[i].score);
    EXPECT_GT(before[i].score, 0);
  }

  expect_error<WeightsError>([&] { ensemble(2)->load(file); }, {"members.full", "neighbours", "1", "2"});
  std::filesystem::rename(directory_ / "carpet.members" / "full.safetensors", directory_ / "kept");
  expect_error<WeightsError>([&] { loaded->load(file); }, {"full", "missing"});
  std::filesystem::copy_file(directory_ / "carpet.members" / "tenth.safetensors",
                             directory_ / "carpet.members" / "full.safetensors");
  expect_error<WeightsError>([&] { loaded->load(file); }, {"full", "not the one"});
}

// A bank holds its own training pictures: had they set the scale, every distance would be 0 and the scale degenerate.
TEST_F(EnsembleOfBanks, MembersAreNotCalibratedOnWhatTheyWereFittedOn) {
  std::vector<imaging::Image> train = pictures("images.train");
  const auto test = pictures("images.test");
  while (train.size() < 5) train.insert(train.end(), test.begin(), test.end());
  EXPECT_NO_THROW(ensemble()->fit({train.size(), [&](std::size_t i) { return train[i]; }}, 3));
}

}  // namespace
}  // namespace normadd::detectors
