// SPDX-License-Identifier: Apache-2.0
// Runs on data and settings that are wrong in one place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "datasets/procedural.h"
#include "experiment/run_files.h"
#include "experiment/small_run.h"
#include "imaging/codec.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;

/// A dataset in MVTec AD's layout, taken from the generator's carpet; tests spoil it.
class SpoiltData : public ::testing::Test {
 protected:
  SpoiltData() {
    ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 1);
    datasets::write_demo_dataset(directory_ / "data", {.train_good = 4, .test_good = 3, .test_per_type = 2});
  }

  RunResult run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> overrides{"dataset=mvtec_ad",
                                       "dataset.root=" + (directory_ / "data").string(),
                                       "dataset.categories=[carpet]",
                                       "detector.coreset_ratio=0.02",
                                       "backbone.resize_px=128",
                                       "run.panels=false",
                                       "cache.dir=" + (directory_ / "cache").string(),
                                       "run.dir=" + (directory_ / "run").string()};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return run_job(job_of(overrides), test_installation());
  }
  fs::path carpet() const { return directory_ / "data/carpet"; }

  void expect_failed_run_without_results() {
    const fs::path run = directory_ / "run";
    if (!fs::exists(run)) return;
    EXPECT_THAT(status_of(run), HasSubstr("\"failed\""));
    for (const char* file : {"metrics.csv", "scores.csv", "tables"}) EXPECT_FALSE(fs::exists(run / file)) << file;
  }

  TemporaryDirectory directory_;
};

TEST_F(SpoiltData, AMaskOfAnotherSizeIsNamed) {
  imaging::write_png(carpet() / "ground_truth/hole/001_mask.png", imaging::Image(64, 64, 1));
  test::expect_error<core::DataError>([&] { run(); }, {"ground_truth/hole/001_mask.png", "64x64", "128x128"});
  expect_failed_run_without_results();
}

TEST_F(SpoiltData, ATruncatedPictureIsNamed) {
  const fs::path picture = carpet() / "test/stain/000.png";
  const std::string bytes = core::read_file(picture);
  core::write_file_atomically(picture, bytes.substr(0, bytes.size() / 2));
  test::expect_error<core::DataError>([&] { run(); }, {"test/stain/000.png"});
  expect_failed_run_without_results();
}

TEST_F(SpoiltData, AZeroByteTrainingPictureIsNamed) {
  core::write_file_atomically(carpet() / "train/good/002.png", "");
  test::expect_error<core::DataError>([&] { run(); }, {"train/good/002.png"});
  expect_failed_run_without_results();
}

TEST_F(SpoiltData, MissingMasksLeaveOnlyTheirImagesOutAndSaySo) {
  const auto pixel_auroc = [&] {
    return values_of(core::read_csv(directory_ / "run/metrics.csv"), "pixel_auroc_original", "");
  };
  run();
  const auto whole = pixel_auroc();
  fs::remove_all(directory_ / "run");
  fs::remove(carpet() / "ground_truth/glue/000_mask.png");
  const auto result = run();
  EXPECT_THAT(core::read_file(result.folder / "log"),
              testing::AllOf(HasSubstr("[WARNING]"), HasSubstr("carpet/test/glue/000.png"),
                             HasSubstr("1 of 13 test images have no mask")));
  ASSERT_EQ(pixel_auroc().size(), 1u);
  EXPECT_NE(pixel_auroc(), whole);
  EXPECT_GT(pixel_auroc()[0], 0.8);
}

TEST_F(SpoiltData, AnEmptyCategoryIsNamed) {
  fs::remove_all(carpet() / "train/good");
  fs::create_directories(carpet() / "train/good");
  test::expect_error<core::DataError>([&] { run(); }, {"carpet/train/good", "no training images"});
  EXPECT_FALSE(fs::exists(directory_ / "run"));
}

TEST_F(SpoiltData, ACategoryWithASingleTypeIsMeasuredWithoutPairs) {
  for (const char* type : {"color", "glue", "hole", "stain"}) fs::remove_all(carpet() / "test" / type);
  const auto result = run();
  EXPECT_THAT(core::read_file(result.folder / "log"), HasSubstr("carpet: a single defect type"));
  const auto metrics = core::read_csv(result.folder / "metrics.csv");
  EXPECT_EQ(values_of(metrics, "image_auroc_original", "").size(), 1u);
  for (const auto& added : column_of(metrics, "added")) EXPECT_EQ(added, "");
  EXPECT_FALSE(fs::exists(result.folder / "tables/pairs.md"));
}

TEST_F(SpoiltData, MissingWeightsAreNamedBeforeAnythingIsWritten) {
  const std::string nowhere = (directory_ / "nowhere.safetensors").string();
  test::expect_error<core::Error>([&] { run({"backbone.weights=" + nowhere}); }, {"nowhere", "backbone.weights"});
  EXPECT_FALSE(fs::exists(directory_ / "run"));
}

TEST_F(SpoiltData, ATextThatIsTooLongIsFoundBeforeTheDetectorIsFitted) {
  std::string phrase;
  for (int i = 0; i < 100; ++i) phrase += "thread ";
  core::write_file_atomically(directory_ / "prompts/long.yaml",
                              "templates: ['{}']\nnegative: ['{category}']\npositive: {default: ['" + phrase + "']}\n");
  const std::vector<std::string> options{"prompts.folder=" + (directory_ / "prompts").string(), "prompts.sets=[long]"};
  test::expect_error<core::ConfigError>([&] { run(options); }, {"thread thread", "normality.truncate_texts=true"});
  EXPECT_FALSE(fs::exists(directory_ / "run"));
  auto cutting = options;
  cutting.emplace_back("normality.truncate_texts=true");
  EXPECT_THAT(core::read_file(run(cutting).folder / "manifest.json"), HasSubstr("prompts_sha256"));
}

TEST_F(SpoiltData, SubtractionNeedsAScale) {
  // With every patch in the memory bank the training images are at distance 0 from it.
  test::expect_error<core::ConfigError>(
      [&] {
        run({"fusion=subtract", "detector.coreset_ratio=1"});
      },
      {"fusion.rule", "scale"});
  EXPECT_THAT(run({"fusion=subtract", "run.dir=" + (directory_ / "again").string()}).text, HasSubstr("subtract"));
}

TEST_F(SpoiltData, AMissingPromptSetNamesTheNearest) {
  test::expect_error<core::DataError>([&] { run({"prompts.sets=[descibed]"}); }, {"descibed", "described"});
  EXPECT_FALSE(fs::exists(directory_ / "run"));
}

TEST_F(SpoiltData, AMemoryLimitStopsTheFitWithAFigure) {
  test::expect_error<core::ConfigError>([&] { run({"detector.memory_limit_gb=0.001"}); },
                                        {"GiB", "detector.memory_limit_gb"});
  expect_failed_run_without_results();
}

}  // namespace
}  // namespace normadd::experiment
