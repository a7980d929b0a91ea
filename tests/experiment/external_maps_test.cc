// SPDX-License-Identifier: Apache-2.0
// What lies between another tool's files and the metrics: finding maps, bringing them and their masks to one grid,
// thresholds.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/error.h"
#include "experiment/evaluation_frame.h"
#include "experiment/map_files.h"
#include "experiment/threshold_rule.h"
#include "imaging/codec.h"
#include "metrics/roc.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;

datasets::Sample sample_of(const std::string& type, const std::string& stem) {
  datasets::Sample sample;
  sample.id = "c/test/" + type + "/" + stem + ".png";
  sample.defect_type = type;
  return sample;
}

TEST(MapFiles, AreFoundByTheImagesNameAndAnyExtension) {
  const test::TemporaryDirectory directory;
  const std::vector<datasets::Sample> samples{sample_of("good", "000"), sample_of("cut", "000.5")};
  core::write_file_atomically(directory / "c/test/good/000.npy", "x");
  core::write_file_atomically(directory / "c/test/cut/000.5.tif", "x");
  const auto files = find_map_files(directory.path(), samples, "test");
  EXPECT_EQ(files.at("c/test/good/000.png"), directory / "c/test/good/000.npy");
  EXPECT_EQ(files.at("c/test/cut/000.5.png"), directory / "c/test/cut/000.5.tif");
}

TEST(MapFiles, OneErrorCountsTheMissing) {
  const test::TemporaryDirectory directory;
  std::vector<datasets::Sample> samples;
  for (int i = 0; i < 9; ++i) samples.push_back(sample_of("cut", "00" + std::to_string(i)));
  core::write_file_atomically(directory / "c/test/cut/004.tiff", "x");
  test::expect_error<core::DataError>([&] { find_map_files(directory.path(), samples, "test"); },
                                      {"8 of 9 test images", "c/test/cut/000.tiff", "..."});
  core::write_file_atomically(directory / "c/test/cut/004.npy", "x");
  test::expect_error<core::DataError>([&] { find_map_files(directory.path(), samples, "test"); },
                                      {"two maps", ".tiff", ".npy"});
}

/// An image of 64 x 48 (height x width) with one defect.
struct Framing {
  test::TemporaryDirectory directory;
  datasets::Sample sample = sample_of("cut", "000");
  imaging::Mask mask{64, 48, 1};

  Framing() {
    for (int y = 24; y < 40; ++y) std::fill_n(mask.row(y) + 16, 12, std::uint8_t{1});
    imaging::write_png(directory / "mask.png", imaging::mask_to_grey(mask));
    sample.mask = directory / "mask.png";
  }
};

imaging::Map map_of(const imaging::Mask& mask) {
  imaging::Map map(mask.height, mask.width);
  std::copy(mask.pixels.begin(), mask.pixels.end(), map.values.begin());
  return map;
}

double auroc(const FramedMap& framed) {
  const std::vector<double> scores(framed.map.values.begin(), framed.map.values.end());
  return metrics::image_auroc(scores, framed.mask->pixels);
}

TEST(EvaluationFrame, APerfectMapIsPerfectOnEitherGrid) {
  const Framing one;
  for (const char* resolution : {"map", "image"}) {
    const auto full = framed(one.sample, map_of(one.mask), imaging::Geometry::identity({64, 48}), resolution);
    EXPECT_EQ(full.mask->pixels, one.mask.pixels);
    EXPECT_EQ(auroc(full), 1.0);
  }
  // At half the size, the map as the mask looks there.
  const auto geometry = imaging::Geometry::squash({64, 48}, {32, 24});
  const imaging::Map half = map_of(imaging::mask_in_crop(one.mask, geometry));
  const auto on_map = framed(one.sample, half, geometry, "map");
  EXPECT_EQ(on_map.map.size(), (imaging::Size{32, 24}));
  EXPECT_EQ(auroc(on_map), 1.0);
  const auto on_image = framed(one.sample, half, geometry, "image");
  EXPECT_EQ(on_image.map.size(), (imaging::Size{64, 48}));
  EXPECT_EQ(on_image.mask->pixels, one.mask.pixels);
  EXPECT_EQ(auroc(on_image), 1.0);
}

TEST(EvaluationFrame, ACropIsPutWhereItWasTaken) {
  const Framing one;
  const auto geometry = imaging::Geometry::shorter_side({64, 48}, 48, 32);  // rows 16-48, columns 8-40
  imaging::Map cropped = map_of(imaging::mask_in_crop(one.mask, geometry));
  for (float& value : cropped.values) value += 3;
  const auto on_map = framed(one.sample, cropped, geometry, "map");
  EXPECT_EQ(on_map.map.size(), (imaging::Size{32, 32}));
  EXPECT_EQ(auroc(on_map), 1.0);
  const auto on_image = framed(one.sample, cropped, geometry, "image");
  EXPECT_EQ(auroc(on_image), 1.0);
  EXPECT_EQ(on_image.map.row(0)[0], 3.0f);  // outside the crop: the map's lowest value
  EXPECT_EQ(on_image.score, 4.0);
}

TEST(EvaluationFrame, TheScoreIsTheMaximumOfTheMapAsItWasMade) {
  const Framing one;
  imaging::Map tiny(4, 3);
  tiny.values[5] = 7;
  // Bilinear samples between pixel centres never reach it.
  const auto on_image = framed(one.sample, tiny, imaging::Geometry::squash({64, 48}, {4, 3}), "image");
  EXPECT_LT(*std::max_element(on_image.map.values.begin(), on_image.map.values.end()), 7.0f);
  EXPECT_EQ(on_image.score, 7.0);
}

TEST(EvaluationFrame, GoodImagesNeedNoMaskAndAWrongMaskIsNamed) {
  const Framing one;
  const auto good = framed(sample_of("good", "1"), map_of(one.mask), imaging::Geometry::identity({64, 48}), "map");
  EXPECT_EQ(std::count(good.mask->pixels.begin(), good.mask->pixels.end(), 0), 64 * 48);
  datasets::Sample without = one.sample;
  without.mask.reset();
  EXPECT_FALSE(framed(without, map_of(one.mask), imaging::Geometry::identity({64, 48}), "map").mask);
  test::expect_error<core::DataError>(
      [&] {
        framed(one.sample, map_of(one.mask), imaging::Geometry::identity({64, 50}), "map");
      },
      {"mask.png", "48x64", "50x64"});
}

MapEvaluation evaluation_with(const std::vector<std::pair<std::string, double>>& images) {
  MetricsOptions options;
  options.pixel = false;
  MapEvaluation evaluation("c", options);
  const imaging::Map map(1, 1);
  int number = 0;
  for (const auto& [type, score] : images) {
    const std::string id = "c/test/" + type + "/" + std::to_string(number++) + ".png";
    evaluation.add({id, type, score, std::nullopt, &map, nullptr});
  }
  return evaluation;
}

TEST(ThresholdRule, IsReadAndRefused) {
  EXPECT_EQ(parse_threshold_rule("manual:-0.5", false).number, -0.5);
  EXPECT_EQ(parse_threshold_rule("f1:a:b.csv", false).file, "a:b.csv");
  const auto refused = [](const std::string& text, const std::vector<std::string>& mentions) {
    test::expect_error<core::ConfigError>([&] { parse_threshold_rule(text, false); }, mentions);
  };
  refused("manuel:1", {"manuel", "manual"});
  refused("manual", {"'manual'", "manual:NUMBER"});
  refused("manual:x", {"'x'"});
  refused("manual:nan", {"'nan'"});
  refused("train_quantile:99", {"99", "0.99"});
  refused("f1:test", {"test set is refused", "--tune-on-test"});
  EXPECT_EQ(parse_threshold_rule("f1:test", true).kind, ThresholdRule::Kind::kF1OfTest);
}

TEST(ThresholdRule, GivesEachCategoryItsThreshold) {
  const test::TemporaryDirectory directory;
  const auto evaluation = evaluation_with({{"good", 1}, {"cut", 2}, {"cut", 3}});
  const auto none = [] { return std::vector<double>{}; };
  EXPECT_EQ(threshold_for(parse_threshold_rule("manual:2", false), evaluation, none, false).value, 2);
  const auto quantile = threshold_for(
      parse_threshold_rule("train_quantile:0.5", false), evaluation,
      [] {
        return std::vector<double>{4, 1, 2};
      },
      false);
  EXPECT_EQ(quantile.value, 2);
  EXPECT_FALSE(quantile.tuned_on_test);
  const auto tuned = threshold_for(parse_threshold_rule("f1:test", true), evaluation, none, true);
  EXPECT_EQ(tuned.value, 2);
  EXPECT_TRUE(tuned.tuned_on_test);

  const auto file = directory / "validation.csv";
  core::write_file_atomically(file, "category,image,score,label\nc,v1,5,0\nc,v2,6,1\nd,v3,1,0\nd,v4,2,1\n");
  const auto rule = parse_threshold_rule("f1:" + file.string(), false);
  EXPECT_EQ(threshold_for(rule, evaluation, none, false).value, 6);
  EXPECT_FALSE(threshold_for(rule, evaluation, none, false).tuned_on_test);
}

TEST(ThresholdRule, AValidationSetMustBeOne) {
  const test::TemporaryDirectory directory;
  const auto evaluation = evaluation_with({{"good", 1}, {"cut", 2}});
  const auto file = directory / "validation.csv";
  const auto rule = parse_threshold_rule("f1:" + file.string(), false);
  const auto refused = [&](const std::string& content, const std::vector<std::string>& mentions) {
    core::write_file_atomically(file, content);
    test::expect_error<core::DataError>([&] { threshold_for(rule, evaluation, {}, false); }, mentions);
  };
  refused("image,score\nv,1\n", {"validation.csv:1", "label"});
  refused("score,label\n1,0\n2,good\n", {"validation.csv:3", "'good'"});
  refused("score,label\n1,0\n2,0\n", {"validation.csv", "without anomalous"});
  refused("category,score,label\nd,1,0\nd,2,1\n", {"validation.csv", "'c'"});
  refused("image,score,label\nc/test/good/0.png,1,0\nv,2,1\n", {"test images", "--tune-on-test"});
  EXPECT_TRUE(threshold_for(rule, evaluation, {}, true).tuned_on_test);
}

}  // namespace
}  // namespace normadd::experiment
