// SPDX-License-Identifier: Apache-2.0
#include "detectors/external.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "detectors/registry.h"
#include "networks/safetensors.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::detectors {
namespace {

using core::ConfigError;
using core::DataError;
using core::WeightsError;
using test::expect_error;

constexpr const char* kId = "carpet/test/hole/003.png";

imaging::Map ramp(int height, int width, float first = 0.25f) {
  imaging::Map map(height, width);
  for (std::size_t i = 0; i < map.values.size(); ++i) map.values[i] = first + static_cast<float>(i) / 7;
  return map;
}

class ExternalTest : public ::testing::Test {
 protected:
  ExternalTest() { std::filesystem::create_directories(root_); }

  ExternalOptions options() const {
    ExternalOptions options;
    options.root = root_.string();
    return options;
  }

  static External fitted(const ExternalOptions& options, const ImageSource& train = {}) {
    External external(options);
    external.fit(train, 0);
    return external;
  }

  static Prediction predict(const External& external, imaging::Size image = {60, 80}, const std::string& id = kId) {
    const imaging::Image picture(image.height, image.width, 3);
    return external.predict({&picture, 1}, {&id, 1}).front();
  }

  void write(const std::string& name, const imaging::Map& map) const { imaging::write_tiff_map(root_ / name, map); }

  test::TemporaryDirectory directory_;
  std::filesystem::path root_ = directory_ / "maps";
};

TEST_F(ExternalTest, TakesTheMapBesideThePicturesPlaceInItsDataset) {
  const imaging::Map map = ramp(6, 8);
  for (const char* extension : {"tiff", "tif", "npy"}) {
    const auto file = root_ / "carpet/test/hole" / (std::string("003.") + extension);
    extension == std::string("npy") ? imaging::write_npy_map(file, map) : imaging::write_tiff_map(file, map);
    const Prediction prediction = predict(fitted(options()));
    EXPECT_EQ(prediction.map.values, map.values) << extension;
    EXPECT_EQ(prediction.score, map.values.back());
    EXPECT_EQ(prediction.geometry, imaging::Geometry::squash({60, 80}, {6, 8}));
    std::filesystem::remove(file);
  }
}

TEST_F(ExternalTest, FollowsAPattern) {
  write("hole-003-carpet/test_map.tiff", ramp(6, 8));
  ExternalOptions options = this->options();
  options.pattern = "{type}-{stem}-{category}/{split}_map.tiff";
  EXPECT_EQ(predict(fitted(options)).map.size(), (imaging::Size{6, 8}));
  options.pattern = "{type}-{stem}-{category}/{split}_map";
  EXPECT_EQ(predict(fitted(options)).map.size(), (imaging::Size{6, 8}));
  write("flat/carpet/test/hole/003.x.tiff", ramp(3, 4));
  options.pattern = "flat/{id}.x";
  EXPECT_EQ(predict(fitted(options)).map.size(), (imaging::Size{3, 4}));
}

TEST_F(ExternalTest, TakesTensorsByTheNamesOfPictures) {
  const imaging::Map map = ramp(4, 5);
  const at::Tensor tensor = at::tensor(map.values).reshape({1, 4, 5});
  networks::write_safetensors(root_ / "carpet.safetensors",
                              {{kId, tensor}, {"carpet/test/hole/004", tensor.to(at::kDouble)}});
  const External external = fitted(options());
  EXPECT_EQ(predict(external).map.values, map.values);
  EXPECT_EQ(predict(external, {60, 80}, "carpet/test/hole/004.png").map.values, map.values);
  expect_error<DataError>(
      [&] {
        predict(external, {60, 80}, "carpet/test/hole/005.png");
      },
      {"carpet/test/hole/005.png", "carpet.safetensors"});
  networks::write_safetensors(root_ / "carpet.safetensors", {{kId, at::full({2, 2}, 1.0 / 0.0)}});
  expect_error<DataError>([&] { predict(external); }, {"not finite", kId});
  networks::write_safetensors(root_ / "carpet.safetensors", {{kId, at::ones({2, 2, 2})}});
  expect_error<DataError>([&] { predict(external); }, {"no map", kId});
}

TEST_F(ExternalTest, CropsLieWhereTheOtherToolCutThem) {
  write("carpet/test/hole/003.tiff", ramp(224, 224));
  ExternalOptions options = this->options();
  options.covers = "crop";
  EXPECT_EQ(predict(fitted(options), {600, 800}).geometry, imaging::Geometry::shorter_side({600, 800}, 256, 224));
  options.resize_mode = "squash";
  const imaging::Geometry squashed = predict(fitted(options), {600, 800}).geometry;
  EXPECT_EQ(squashed.resized, (imaging::Size{256, 256}));
  EXPECT_EQ(squashed.left, 16);
  EXPECT_EQ(squashed.top, 16);
}

TEST_F(ExternalTest, MapsOfAnotherSizeThanStatedAreRefused) {
  write("carpet/test/hole/003.tiff", ramp(256, 341));
  ExternalOptions options = this->options();
  options.covers = "crop";
  expect_error<DataError>(
      [&] {
        predict(fitted(options), {600, 800});
      },
      {"003.tiff", "341 x 256", "224 x 224", "800 x 600", "crop_px"});
  options.crop_px = 0;
  EXPECT_NO_THROW(predict(fitted(options), {600, 800}));
  options.crop_px = 300;
  expect_error<ConfigError>([&] { External{options}; }, {"256", "300"});
}

TEST_F(ExternalTest, RecordedGeometryIsTakenWithoutBeingAskedFor) {
  const imaging::Geometry wide = imaging::Geometry::shorter_side({600, 800}, 12, 10);
  GeometryRecord record;
  EXPECT_TRUE(record.add(wide));
  EXPECT_FALSE(record.add(wide));
  record.add(imaging::Geometry::squash({50, 50}, {10, 10}));
  record.write(root_ / "geometry.json");
  write("carpet/test/hole/003.tiff", ramp(10, 10));
  const External external = fitted(options());
  EXPECT_EQ(predict(external, {600, 800}).geometry, wide);
  EXPECT_EQ(predict(external, {50, 50}).geometry, imaging::Geometry::squash({50, 50}, {10, 10}));
  expect_error<DataError>([&] { predict(external, {51, 50}); }, {"geometry.json", "50 x 51"});
  expect_error<DataError>([&] { record.add(imaging::Geometry::identity({600, 800})); }, {"two geometries"});
  ExternalOptions whole = options();
  whole.covers = "image";
  EXPECT_EQ(predict(fitted(whole), {600, 800}).geometry, imaging::Geometry::squash({600, 800}, {10, 10}));
}

TEST_F(ExternalTest, DamagedRecordsAreRefused) {
  for (const char* text :
       {"", "[]", "{\"maps\": 1}", "{\"maps\": [1]}", "{\"maps\": [{\"image\": {\"height\": 0, \"width\": 3}}]}",
        "{\"maps\": [{\"image\": {\"height\": 9, \"width\": 9}, \"resized\": {\"height\": 4, \"width\": 4}, \"left\": "
        "1, "
        "\"top\": 0, \"crop\": {\"height\": 4, \"width\": 4}}]}"}) {
    core::write_file_atomically(root_ / "geometry.json", text);
    expect_error<DataError>([&] { External{options()}; }, {"geometry.json"});
  }
}

TEST_F(ExternalTest, NegativeMapsAreRefusedOrShiftedByTrainGood) {
  write("carpet/test/hole/003.tiff", ramp(6, 8, -2));
  expect_error<DataError>([&] { predict(fitted(options())); }, {"003.tiff", "-2", "train/good"});

  ExternalOptions options = this->options();
  options.signed_maps = "shift";
  ImageSource train{2, {}, "carpet", {"carpet/train/good/000.png", "carpet/train/good/001.png"}};
  expect_error<DataError>([&] { fitted(options, train); }, {"carpet/train/good/000"});
  write("carpet/train/good/000.tiff", ramp(2, 2, 0.5f));
  write("carpet/train/good/001.tiff", ramp(2, 2, -1.5f));
  const Prediction shifted = predict(fitted(options, train));
  const imaging::Map plain = ramp(6, 8, -2);
  for (std::size_t i = 0; i < plain.values.size(); ++i) {
    // Lower than on any good picture cannot be: it counts as the lowest.
    EXPECT_EQ(shifted.map.values[i], std::max(0.0f, plain.values[i] + 1.5f)) << i;
  }
  EXPECT_EQ(shifted.score, shifted.map.values.back());
  train.ids.clear();
  expect_error<DataError>([&] { fitted(options, train); }, {"names of the training pictures", "detector.signed"});
}

TEST_F(ExternalTest, MapsThatAreNeverNegativeAreNotShifted) {
  write("carpet/test/hole/003.tiff", ramp(6, 8, 0.5f));
  write("carpet/train/good/000.tiff", ramp(2, 2, 0.25f));
  ExternalOptions options = this->options();
  options.signed_maps = "shift";
  const External external = fitted(options, {1, {}, "carpet", {"carpet/train/good/000.png"}});
  EXPECT_EQ(predict(external).map.values, ramp(6, 8, 0.5f).values);
}

TEST_F(ExternalTest, WholeNumbersAreScaled) {
  std::filesystem::create_directories(root_ / "carpet/test/hole");
  std::filesystem::copy_file(test::golden("imaging/maps/uint16.png"), root_ / "carpet/test/hole/003.png");
  expect_error<DataError>([&] { predict(fitted(options())); }, {"003.png", "scale"});
  ExternalOptions options = this->options();
  options.scale = 0.5;
  options.offset = 2;
  EXPECT_EQ(predict(fitted(options)).map.values[3], 0.5f * 3 * 257 + 2);
}

TEST_F(ExternalTest, ScoresOfTheOtherToolReplaceTheMaximum) {
  write("carpet/test/hole/003.tiff", ramp(6, 8));
  write("carpet/test/hole/004.tiff", ramp(6, 8));
  ExternalOptions options = this->options();
  options.scores = (directory_ / "scores.csv").string();
  core::write_file_atomically(*options.scores, std::string("image,score\n") + kId + ",-1.5\n");
  EXPECT_EQ(predict(fitted(options)).score, -1.5);
  expect_error<DataError>(
      [&] {
        predict(fitted(options), {60, 80}, "carpet/test/hole/004.png");
      },
      {"scores.csv", "carpet/test/hole/004.png"});
  core::write_file_atomically(*options.scores, std::string("image,score\n") + kId + ",high\n");
  expect_error<DataError>([&] { External{options}; }, {"scores.csv", "'high'", kId});
  core::write_file_atomically(*options.scores, std::string("image,score\n") + kId + ",1\n" + kId + ",2\n");
  expect_error<DataError>([&] { External{options}; }, {"scores.csv", "two scores", kId});
  core::write_file_atomically(*options.scores, "picture,score\na,1\n");
  expect_error<DataError>([&] { External{options}; }, {"image"});
}

TEST_F(ExternalTest, WhatIsMissingIsNamed) {
  expect_error<DataError>([&] { predict(fitted(options())); }, {root_.string(), kId, "003.tiff", "003.npy"});
  ExternalOptions nowhere = options();
  nowhere.root = (directory_ / "absent").string();
  expect_error<DataError>([&] { External{nowhere}; }, {"absent", "detector.root"});
  const imaging::Image picture(6, 8, 3);
  expect_error<DataError>([&] { fitted(options()).predict({&picture, 1}); }, {"names"});
}

TEST_F(ExternalTest, TwoMapsOfOnePictureAreRefusedUnlessThePatternSaysWhich) {
  write("carpet/test/hole/003.tiff", ramp(6, 8));
  imaging::write_npy_map(root_ / "carpet/test/hole/003.npy", ramp(3, 4));
  expect_error<DataError>([&] { predict(fitted(options())); }, {"003.tiff", "two maps", ".npy", "detector.pattern"});
  ExternalOptions options = this->options();
  options.pattern = "{id}.npy";
  EXPECT_EQ(predict(fitted(options)).map.size(), (imaging::Size{3, 4}));
}

TEST_F(ExternalTest, NoNameLeadsOutOfTheRoot) {
  imaging::write_tiff_map(directory_ / "outside.tiff", ramp(6, 8));
  ExternalOptions options = this->options();
  options.pattern = "../{stem}";
  expect_error<DataError>([&] { predict(fitted(options), {60, 80}, "carpet/test/hole/outside.png"); }, {"outside"});
  expect_error<DataError>([&] { predict(fitted(this->options()), {60, 80}, "../outside.png"); }, {"outside"});
}

TEST_F(ExternalTest, BadPatternsAreRefused) {
  ExternalOptions options = this->options();
  options.pattern = "{catgory}/{stem}";
  expect_error<ConfigError>([&] { External{options}; }, {"detector.pattern", "catgory", "category"});
  options.pattern = "{category}/{stem";
  expect_error<ConfigError>([&] { External{options}; }, {"detector.pattern"});
  options.pattern = "{category}/map";
  expect_error<ConfigError>([&] { External{options}; }, {"detector.pattern", "{stem}"});
  options.pattern = "{type}/{stem}";
  expect_error<DataError>([&] { predict(fitted(options), {60, 80}, "one/two.png"); }, {"one/two.png", "type", "{id}"});
}

TEST_F(ExternalTest, SavedOnesPredictTheSameAndRefuseOtherSettings) {
  write("carpet/test/hole/003.tiff", ramp(6, 8, -2));
  write("carpet/train/good/000.tiff", ramp(2, 2, -0.7f));
  ExternalOptions options = this->options();
  options.signed_maps = "shift";
  const External external = fitted(options, {1, {}, "carpet", {"carpet/train/good/000.png"}});
  const auto file = directory_ / "carpet.safetensors";
  external.save(file);
  External loaded(options);
  loaded.load(file);
  EXPECT_EQ(predict(loaded).map.values, predict(external).map.values);

  options.signed_maps = "refuse";
  External other(options);
  expect_error<WeightsError>([&] { other.load(file); }, {"carpet.safetensors", "detector.signed", "shift", "refuse"});
  networks::write_safetensors(file, {{"lowest", at::scalar_tensor(2.0, at::kDouble)}},
                              {{"normadd.detector", loaded.settings()}, {"normadd.format", "1"}});
  expect_error<WeightsError>([&] { loaded.load(file); }, {"carpet.safetensors", "lowest"});
}

}  // namespace
}  // namespace normadd::detectors
