// SPDX-License-Identifier: Apache-2.0
// normadd predict gives the numbers of the run that kept the detector, and says what it could not score.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "core/error.h"
#include "imaging/codec.h"
#include "imaging/geometry.h"
#include "imaging/map_codec.h"
#include "normadd/input_images.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

/// One small run, kept for all tests: two detectors would be needed for nothing else but their folders.
class Predict : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TemporaryDirectory;
    const auto outcome = run_quietly(
        {"run", "--quiet", "dataset.root=" + data().string(), "dataset.categories=[carpet]", "dataset.train_good=4",
         "dataset.test_good=3", "dataset.test_per_type=2", "detector.coreset_ratio=0.02", "backbone.resize_px=128",
         "backbone.resize_mode=shorter_side", "backbone.crop_px=112", "run.save_detectors=true", "run.save_maps=true",
         "run.panels=false", "cache.dir=" + (*directory_ / "cache").string(), "run.dir=" + run().string()});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  }
  static void TearDownTestSuite() {
    delete directory_;
    directory_ = nullptr;
  }

  static fs::path data() { return *directory_ / "data"; }
  static fs::path run() { return *directory_ / "run"; }
  static std::string model() { return (run() / "detectors" / "carpet.safetensors").string(); }
  static std::string picture(const std::string& name) { return (data() / "carpet" / "test" / name).string(); }

  /// score_before and score_after of each picture's row for one added type.
  static std::map<std::string, std::pair<double, double>> table_scores(const std::string& added) {
    const auto table = core::read_csv(run() / "scores.csv");
    std::map<std::string, std::pair<double, double>> scores;
    for (const auto& row : table.rows) {
      if (row[table.column("added")] != added) continue;
      scores[row[table.column("image")]] = {std::stod(row[table.column("score_before")]),
                                            std::stod(row[table.column("score_after")])};
    }
    return scores;
  }

  static std::string id_of(const nlohmann::json& line) {
    return fs::path(line.at("path").get<std::string>()).lexically_relative(data()).generic_string();
  }

  TemporaryDirectory out_;

 private:
  static TemporaryDirectory* directory_;
};

TemporaryDirectory* Predict::directory_ = nullptr;

TEST_F(Predict, ScoresAndMapsAreThoseOfTheRunBitForBit) {
  const auto outcome = run_quietly({"predict", model(), (data() / "carpet" / "test").string(), "--quiet", "--maps",
                                    (out_ / "maps").string(), "--resolution", "map"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  const auto lines = lines_of(outcome.out);
  const auto expected = table_scores("hole");
  ASSERT_EQ(lines.size(), 13u);
  for (const auto& line : lines) {
    const std::string id = id_of(line);
    EXPECT_EQ(line.at("score").get<double>(), expected.at(id).first) << id;
    const fs::path map = fs::path(id).replace_extension(".tiff");
    EXPECT_EQ(line.at("map").get<std::string>(), (out_ / "maps" / map).string());
    EXPECT_EQ(core::read_file(out_ / "maps" / map), core::read_file(run() / "maps" / "patchcore" / map)) << id;
  }
  EXPECT_EQ(core::read_file(out_ / "maps" / "geometry.json"),
            core::read_file(run() / "maps" / "patchcore" / "geometry.json"));
}

TEST_F(Predict, MapsCoverWholePicturesUnlessToldOtherwise) {
  const auto outcome =
      run_quietly({"predict", model(), picture("hole/000.png"), "-q", "--maps", (out_ / "maps").string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  const imaging::Map whole = imaging::read_map(out_ / "maps" / "carpet/test/hole/000.tiff");
  const imaging::Map own = imaging::read_map(run() / "maps/patchcore/carpet/test/hole/000.tiff");
  EXPECT_EQ(own.size(), (imaging::Size{112, 112}));
  EXPECT_EQ(whole.values,
            imaging::map_in_image(own, imaging::Geometry::shorter_side({128, 128}, 128, 112), 0.0f).values);
  EXPECT_FALSE(fs::exists(out_ / "maps" / "geometry.json"));
}

// The maps show the centre of each picture only: read as if they showed all of it, they would miss the defects.
TEST_F(Predict, EvaluateTakesTheGeometryThatLiesBesideMaps) {
  const auto evaluate = [&](const fs::path& maps, const std::string& metric) {
    const auto outcome = run_quietly({"evaluate", "--quiet", "--json", "--maps", maps.string(), "dataset=mvtec_ad",
                                      "dataset.root=" + data().string(), "dataset.categories=[carpet]"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    const auto json = nlohmann::json::parse(outcome.out);
    for (const auto& row : json.at("metrics")) {
      if (row.at("metric") == metric) return row.at("value").get<double>();
    }
    ADD_FAILURE() << metric;
    return 0.0;
  };
  const auto in_run = [&](const std::string& metric) {
    const auto table = core::read_csv(run() / "metrics.csv");
    for (const auto& row : table.rows) {
      if (row[table.column("metric")] == metric) return std::stod(row[table.column("value")]);
    }
    ADD_FAILURE() << metric;
    return 0.0;
  };
  const fs::path maps = run() / "maps" / "patchcore";
  EXPECT_EQ(evaluate(maps, "image_auroc_original"), in_run("image_auroc_original"));
  EXPECT_NEAR(evaluate(maps, "pixel_auroc_original"), in_run("pixel_auroc_original"), 1e-3);
  fs::copy(maps / "carpet", out_ / "carpet", fs::copy_options::recursive);
  EXPECT_GT(std::abs(evaluate(out_.path(), "pixel_auroc_original") - in_run("pixel_auroc_original")), 2e-3);
}

TEST_F(Predict, NormalityAdditionGivesTheScoresAfter) {
  const auto outcome = run_quietly({"predict", run().string(), "--category", "carpet", "--added", "hole", "--prompts",
                                    "described", (data() / "carpet" / "test").string(), "-q"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  const auto expected = table_scores("hole");
  double suppressed = 0;
  for (const auto& line : lines_of(outcome.out)) {
    const auto& [before, after] = expected.at(id_of(line));
    // The texts are encoded without those of the other pairs, which may move the last bits.
    EXPECT_NEAR(line.at("score").get<double>(), after, 1e-5 * before) << id_of(line);
    suppressed = std::max(suppressed, 1 - after / before);
  }
  EXPECT_GT(suppressed, 0.01);
}

TEST_F(Predict, APictureThatCannotBeReadIsSaidAndTheOthersAreScored) {
  core::write_file_atomically(out_ / "broken.png", "no picture");
  const auto outcome = run_quietly({"predict", model(), picture("good/000.png"), (out_ / "broken.png").string(),
                                    (out_ / "absent.png").string(), picture("good/001.png"), "-q"});
  EXPECT_EQ(outcome.exit_code, 1);
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 4u);
  const auto expected = table_scores("hole");
  EXPECT_EQ(lines[0].at("score").get<double>(), expected.at("carpet/test/good/000.png").first);
  EXPECT_EQ(lines[3].at("score").get<double>(), expected.at("carpet/test/good/001.png").first);
  for (const std::size_t bad : {1, 2}) {
    EXPECT_FALSE(lines[bad].contains("score"));
    EXPECT_GT(lines[bad].at("error").get<std::string>().size(), 5u);
  }
  EXPECT_EQ(lines[1].at("path").get<std::string>(), (out_ / "broken.png").string());
  EXPECT_THAT(outcome.error, HasSubstr("2 of 4"));
}

TEST_F(Predict, ThresholdDecidesOnTheScore) {
  const double score = table_scores("hole").at("carpet/test/hole/000.png").first;
  for (const bool reached : {true, false}) {
    const auto outcome = run_quietly({"predict", model(), picture("hole/000.png"), "-q", "--threshold",
                                      fmt::format("{:.17g}", reached ? score : std::nextafter(score, 1e30))});
    EXPECT_EQ(lines_of(outcome.out).at(0).at("anomalous").get<bool>(), reached) << outcome.error;
  }
}

TEST_F(Predict, OverlaysOfOneCallShareTheirScale) {
  const auto outcome = run_quietly({"predict", model(), picture("good/000.png"), picture("hole/000.png"), "-q",
                                    "--overlays", (out_ / "seen").string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  // A good picture on the scale of a bad one keeps its colours; alone it would burn.
  const auto change = [&](const fs::path& overlay, const std::string& name) {
    const imaging::Image before = imaging::read_image(picture(name)), after = imaging::read_image(overlay);
    EXPECT_EQ(before.size(), after.size());
    double sum = 0;
    for (std::size_t i = 0; i < before.pixels.size(); ++i) sum += std::abs(before.pixels[i] - after.pixels[i]);
    return sum / static_cast<double>(before.pixels.size());
  };
  const double together = change(out_ / "seen/carpet/test/good/000.png", "good/000.png");
  run_quietly({"predict", model(), picture("good/000.png"), "-q", "--overlays", (out_ / "alone").string()});
  EXPECT_LT(together, 0.5 * change(out_ / "alone/carpet/test/good/000.png", "good/000.png"));
  EXPECT_GT(change(out_ / "seen/carpet/test/hole/000.png", "hole/000.png"), together);
}

TEST_F(Predict, TakesAListFromStandardInput) {
  std::istringstream list(picture("good/000.png") + "\r\n\n" + picture("hole/000.png") + "\n");
  std::streambuf* const before = std::cin.rdbuf(list.rdbuf());
  const auto outcome = run_quietly({"predict", model(), "-", "-q"});
  std::cin.rdbuf(before);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_EQ(lines_of(outcome.out).size(), 2u);
}

TEST_F(Predict, ADetectorOutsideItsRunNeedsAConfiguration) {
  fs::copy_file(model(), out_ / "carpet.safetensors");
  const std::string moved = (out_ / "carpet.safetensors").string();
  expect_refusal({"predict", moved, picture("good/000.png")}, {"carpet.safetensors", "-cn"});
  const auto outcome =
      run_quietly({"predict", moved, picture("good/000.png"), "-q", "-cn", "config", "detector.coreset_ratio=0.02",
                   "backbone.resize_px=128", "backbone.resize_mode=shorter_side", "backbone.crop_px=112"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_EQ(lines_of(outcome.out).at(0).at("score").get<double>(),
            table_scores("hole").at("carpet/test/good/000.png").first);
  expect_refusal({"predict", moved, picture("good/000.png"), "-cn", "config"}, {"carpet.safetensors", "coreset_ratio"});
}

TEST_F(Predict, OverridesChangeTheFrozenConfiguration) {
  EXPECT_EQ(run_quietly({"predict", model(), picture("good/000.png"), "-q", "threads=1", "run.batch_size=1"}).exit_code,
            0);
  expect_refusal({"predict", model(), picture("good/000.png"), "detector.coreset_ratio=0.5"},
                 {"carpet.safetensors", "coreset_ratio"});
  expect_refusal({"predict", model(), picture("good/000.png"), "detector.coreset_ration=0.5"},
                 {"coreset_ration", "coreset_ratio"});
  expect_refusal({"predict", model(), picture("good/000.png"), "backbone.weights=/nowhere"}, {"/nowhere"});
}

TEST_F(Predict, RefusesWhatCannotBeMeant) {
  const std::string good = picture("good/000.png");
  expect_refusal({"predict"}, {"no detector", "MODEL"});
  expect_refusal({"predict", model()}, {"no picture"});
  expect_refusal({"predict", "/nowhere.safetensors", good}, {"/nowhere.safetensors", "no such file"});
  expect_refusal({"predict", run().string(), good}, {"--category"});
  expect_refusal({"predict", run().string(), good, "--category", "grid"}, {"grid.safetensors"});
  expect_refusal({"predict", model(), good, "--category", "grid"}, {"'carpet'", "'grid'"});
  expect_refusal({"predict", model(), good, "--detector", "padim"}, {"padim", "patchcore"});
  expect_refusal({"predict", model(), good, "--range", "3,1"}, {"--range", "3,1"});
  expect_refusal({"predict", model(), good, "--range", "a,b"}, {"--range"});
  expect_refusal({"predict", model(), good, "--resolution", "full"}, {"--resolution", "full"});
  expect_refusal({"predict", model(), good, "--prompts", "described"}, {"--prompts", "--added"});
  expect_refusal({"predict", model(), good, "--added", "hole", "--prompts", "describd"}, {"describd"});
  expect_refusal({"predict", model(), good, "--config-dir", "x"}, {"--config-dir", "--config-name"});
  expect_refusal({"predict", model(), good, good, "--maps", (out_ / "maps").string()}, {"000.tiff", "share"});
  fs::create_directories(out_ / "empty");
  expect_refusal({"predict", model(), (out_ / "empty").string()}, {"empty", "no picture"});
  core::write_file_atomically(run() / "detectors" / "cut.safetensors", core::read_file(model()).substr(0, 500));
  expect_refusal({"predict", (run() / "detectors" / "cut.safetensors").string(), good}, {"cut.safetensors"});
  EXPECT_FALSE(fs::exists(out_ / "maps"));
}

TEST(InputImages, MirrorWhereTheyLie) {
  const TemporaryDirectory directory;
  const auto touch = [&](const std::string& name) { core::write_file_atomically(directory / name, "x"); };
  for (const char* name : {"set/carpet/test/hole/b.PNG", "set/carpet/test/hole/a.jpg", "set/carpet/test/hole/notes.txt",
                           "set/carpet/ground_truth/hole/a_mask.png", "photos/one.png", "photos/deep/two.bmp"}) {
    touch(name);
  }
  std::istringstream nothing;
  const auto ids = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> ids;
    for (const auto& image : input_images(arguments, nothing)) ids.push_back(image.id);
    return ids;
  };
  using Ids = std::vector<std::string>;
  const Ids dataset{"carpet/test/hole/a.jpg", "carpet/test/hole/b.PNG"};
  for (const char* folder : {"set", "set/carpet", "set/carpet/test/hole", "set/carpet/test/hole/"}) {
    EXPECT_EQ(ids({(directory / folder).string()}), dataset) << folder;
  }
  EXPECT_EQ(ids({(directory / "photos").string()}), (Ids{"deep/two.bmp", "one.png"}));
  EXPECT_EQ(ids({"../x/./one.png"}), Ids{"x/one.png"});
  EXPECT_EQ(ids({(directory / "photos/one.png").string()}),
            Ids{(directory / "photos/one.png").relative_path().generic_string()});
}

TEST(InputImages, NoResultReplacesAPicture) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "photos" / "one.tiff", "x");
  std::istringstream nothing;
  const auto images = input_images({(directory / "photos").string()}, nothing);
  test::expect_error<core::ConfigError>([&] { output_files(images, directory / "photos", ".tiff"); },
                                        {"one.tiff", "replace"});
  EXPECT_EQ(output_files(images, directory / "maps", ".tiff").front(), directory / "maps" / "one.tiff");
}

}  // namespace
}  // namespace normadd::tools
