// SPDX-License-Identifier: Apache-2.0
#include "experiment/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/interruption.h"
#include "experiment/run_files.h"
#include "experiment/small_run.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::Not;

/// Every number in [0, 1] units; differences beyond the last bits are a broken promise.
void expect_same_metrics(const fs::path& a, const fs::path& b) {
  const auto first = core::read_csv(a / "metrics.csv"), second = core::read_csv(b / "metrics.csv");
  ASSERT_EQ(first.rows.size(), second.rows.size());
  ASSERT_GT(first.rows.size(), 30u);
  const std::size_t value = first.column("value");
  for (std::size_t i = 0; i < first.rows.size(); ++i) {
    EXPECT_EQ(first.rows[i][first.column("metric")], second.rows[i][first.column("metric")]);
    EXPECT_NEAR(std::stod(first.rows[i][value]), std::stod(second.rows[i][value]), 1e-6) << i;
  }
}

TEST(Runner, WritesTheFolderOfTheDesign) {
  const TemporaryDirectory directory;
  const auto result = run_small(directory, "run", {"controls=[constant,wrong_object]", "seed=5"});
  EXPECT_EQ(result.folder, directory / "run");
  for (const char* file : {".hydra/config.yaml", ".hydra/hydra.yaml", ".hydra/overrides.yaml", "config.resolved.yaml",
                           "manifest.json", "status.json", "metrics.csv", "scores.csv", "log", "tables/original.md",
                           "tables/pairs.csv", "tables/summary.csv", "curves/pro.csv", "curves/pixel_roc.csv",
                           "images/carpet_color.png", "images/carpet_thread.png"}) {
    EXPECT_GT(fs::file_size(result.folder / file), 0u) << file;
  }
  EXPECT_THAT(status_of(result.folder), HasSubstr("\"done\""));
  EXPECT_THAT(core::read_file(result.folder / "manifest.json"),
              testing::AllOf(HasSubstr("\"seed\": 5"), HasSubstr("\"activation\": \"gelu\""), HasSubstr("data_hash")));
  EXPECT_THAT(core::read_file(result.folder / ".hydra/overrides.yaml"), HasSubstr("seed=5"));
  EXPECT_THAT(core::read_file(result.folder / ".hydra/config.yaml"), HasSubstr("${clip.path}"));
  EXPECT_THAT(core::read_file(result.folder / "config.resolved.yaml"), Not(HasSubstr("${")));
  EXPECT_THAT(core::read_file(result.folder / "log"), HasSubstr("[normadd][INFO] - carpet: fitting patchcore on 4"));
  EXPECT_THAT(result.text, HasSubstr("pair mean"));
}

TEST(Runner, TablesHaveTheColumnsOfTheDesign) {
  const TemporaryDirectory directory;
  const auto result = run_small(directory, "run", {"run.panels=false"});
  const auto metrics = core::read_csv(result.folder / "metrics.csv");
  EXPECT_EQ(metrics.columns,
            (std::vector<std::string>{"run", "detector", "dataset", "category", "added", "prompts", "clip", "fusion",
                                      "seed", "metric", "value", "n_normal", "n_anomalous"}));
  const auto scores = core::read_csv(result.folder / "scores.csv");
  EXPECT_EQ(scores.columns,
            (std::vector<std::string>{"detector", "category", "image", "type", "label_original", "added", "prompts",
                                      "fusion", "label_new", "score_before", "score_after"}));
  // 5 pairs, each with all 3 + 5 x 2 test images.
  EXPECT_EQ(scores.rows.size(), 5u * 13u);
  const auto types = column_of(scores, "added");
  EXPECT_EQ(std::set<std::string>(types.begin(), types.end()).size(), 5u);
  for (const auto& row : scores.rows) {
    EXPECT_LE(std::stod(row[scores.column("score_after")]), std::stod(row[scores.column("score_before")]));
  }
  EXPECT_FALSE(fs::exists(result.folder / "images"));
}

TEST(Runner, TheSameSeedGivesTheSameBytes) {
  const TemporaryDirectory directory;
  const std::vector<std::string> options{"controls=[random,shuffled_prompts]"};
  const auto first = run_small(directory, "first", options).folder;
  const auto second = run_small(directory, "second", options).folder;
  for (const char* file :
       {"metrics.csv", "scores.csv", "curves/pro.csv", "tables/summary.md", "images/carpet_hole.png"}) {
    EXPECT_EQ(core::read_file(first / file), core::read_file(second / file)) << file;
  }
}

TEST(Runner, KeepsTheCurvesBehindAuproAndPixelAuroc) {
  const TemporaryDirectory directory;
  const auto folder = run_small(directory, "run", {"run.panels=false", "metrics.aupro_limit=0.25"}).folder;
  std::map<std::string, double> expected;
  const auto metrics = core::read_csv(folder / "metrics.csv");
  for (const auto& row : metrics.rows) {
    if (row[metrics.column("added")].empty() && !row[metrics.column("value")].empty())
      expected[row[metrics.column("metric")]] = std::stod(row[metrics.column("value")]);
  }
  for (const auto& [file, metric, end] :
       {std::tuple("pro.csv", "aupro_0.25_original", 0.25), std::tuple("pixel_roc.csv", "pixel_auroc_original", 1.0)}) {
    const auto curve = core::read_csv(folder / "curves" / file);
    double area = 0, last_x = 0, last_y = 0;
    for (const auto& row : curve.rows) {
      const double x = std::stod(row[2]), y = std::stod(row[3]);
      area += (x - last_x) * (y + last_y) / 2;
      last_x = x;
      last_y = y;
    }
    EXPECT_EQ(curve.rows[0][0], "patchcore");
    EXPECT_EQ(curve.rows[0][1], "carpet");
    EXPECT_EQ(last_x, end) << file;
    EXPECT_NEAR(area / end, expected.at(metric), 2e-3) << file;
  }
  const auto without = run_small(directory, "without", {"run.panels=false", "metrics.pixel=false"}).folder;
  EXPECT_FALSE(fs::exists(without / "curves"));
}

TEST(Runner, AnotherSeedGivesAnotherCoreset) {
  const TemporaryDirectory directory;
  const auto first = run_small(directory, "first", {"run.panels=false"}).folder;
  const auto second = run_small(directory, "second", {"run.panels=false", "seed=1"}).folder;
  EXPECT_NE(core::read_file(first / "scores.csv"), core::read_file(second / "scores.csv"));
}

TEST(Runner, ThreadsAndBatchSizeChangeNoMetric) {
  const TemporaryDirectory directory;
  const std::vector<std::string> controls{"controls=[random,oracle]", "run.panels=false", "metrics.pixel_pairs=true"};
  const auto with = [&](const std::string& name, std::vector<std::string> more) {
    more.insert(more.end(), controls.begin(), controls.end());
    return run_small(directory, name, more).folder;
  };
  const auto one = with("one", {"threads=1", "run.batch_size=1", "detector.batch_size=1"});
  const auto two = with("two", {"threads=2", "run.batch_size=8"});
  expect_same_metrics(one, two);
}

TEST(Runner, AConstantSuppressionGainsExactlyNothing) {
  const TemporaryDirectory directory;
  const auto folder = run_small(directory, "run", {"controls=[constant,none]", "run.panels=false"}).folder;
  const auto metrics = core::read_csv(folder / "metrics.csv");
  for (const char* control : {"constant", "none"}) {
    const auto gains = values_of(metrics, "image_auroc_gain", control);
    ASSERT_EQ(gains.size(), 5u);
    for (const double gain : gains) EXPECT_EQ(gain, 0.0);
    for (const double change : values_of(metrics, "collateral", control)) EXPECT_EQ(change, 0.0);
  }
  // S-AUROC alone is fooled by it, which is why the table shows it beside the gain.
  for (const double fooled : values_of(metrics, "s_auroc_added", "constant")) EXPECT_GT(fooled, 0.5);
}

TEST(Runner, PromptSetsShareThePassesAndAreToldApart) {
  const TemporaryDirectory directory;
  const auto folder = run_small(directory, "run", {"prompts.sets=[name_only,described]", "run.panels=false"}).folder;
  const auto alone = run_small(directory, "alone", {"prompts.sets=[described]", "run.panels=false"}).folder;
  const auto both = core::read_csv(folder / "scores.csv"), one = core::read_csv(alone / "scores.csv");
  std::vector<std::vector<std::string>> described;
  for (const auto& row : both.rows) {
    if (row[both.column("prompts")] == "described") described.push_back(row);
  }
  EXPECT_EQ(described, one.rows);
  EXPECT_EQ(both.rows.size(), 2 * one.rows.size());
}

TEST(Runner, AKeptDetectorPredictsTheSameBytes) {
  const TemporaryDirectory directory;
  const auto first = run_small(directory, "first", {"run.save_detectors=true", "run.panels=false"}).folder;
  const auto second =
      run_small(directory, "second",
                {"run.load_detectors=" + (first / "detectors").string(), "run.panels=false", "dataset.train_good=4"})
          .folder;
  EXPECT_EQ(core::read_file(first / "scores.csv"), core::read_file(second / "scores.csv"));
  // The run's own folder will do as well.
  const auto third = run_small(directory, "third", {"run.load_detectors=" + first.string(), "run.panels=false"}).folder;
  EXPECT_EQ(core::read_file(first / "scores.csv"), core::read_file(third / "scores.csv"));
  EXPECT_THAT(core::read_file(third / "log"), Not(HasSubstr("WARNING")));
  // Another category's detector is refused, a missing one named.
  fs::create_directories(directory / "others");
  fs::copy_file(first / "detectors/carpet.safetensors", directory / "others/grid.safetensors");
  const std::string others = "run.load_detectors=" + (directory / "others").string();
  test::expect_error<core::WeightsError>(
      [&] {
        run_small(directory, "a", {others, "dataset.categories=[grid]"});
      },
      {"grid.safetensors", "'carpet'", "'grid'"});
  test::expect_error<core::WeightsError>(
      [&] {
        run_small(directory, "b", {others, "dataset.categories=[cable]"});
      },
      {"cable.safetensors", "run.save_detectors"});
}

/// The rows of one detector, without its name.
std::vector<std::vector<std::string>> rows_of(const core::CsvTable& table, const std::string& detector) {
  std::vector<std::vector<std::string>> rows;
  for (auto row : table.rows) {
    if (row[table.column("detector")] != detector) continue;
    row[table.column("detector")].clear();
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(Runner, SeveralDetectorsShareARunAndChangeNothingForEachOther) {
  const TemporaryDirectory directory;
  const std::vector<std::string> more{"+detector@detectors.twin=patchcore",
                                      "detectors.twin.coreset_ratio=0.02",
                                      "+detector@detectors.whole=patchcore",
                                      "detectors.whole.coreset_ratio=1",
                                      "run.save_detectors=true",
                                      "run.panels=false",
                                      "controls=[random,oracle]"};
  const auto together = run_small(directory, "together", more);
  const auto alone = run_small(directory, "alone", {"run.panels=false", "controls=[random,oracle]"}).folder;
  for (const char* file : {"metrics.csv", "scores.csv"}) {
    auto table = core::read_csv(together.folder / file), single = core::read_csv(alone / file);
    // The run's id differs, as it should.
    for (auto* one : {&table, &single}) {
      if (std::string(file) == "scores.csv") continue;
      for (auto& row : one->rows) row[one->column("run")].clear();
    }
    EXPECT_EQ(rows_of(table, "patchcore"), rows_of(single, "patchcore")) << file;
    EXPECT_EQ(rows_of(table, "patchcore"), rows_of(table, "twin")) << file;
    EXPECT_NE(rows_of(table, "patchcore"), rows_of(table, "whole")) << file;
  }
  EXPECT_THAT(together.text, testing::AllOf(HasSubstr("Detectors before and after"), HasSubstr("\ntwin "),
                                            HasSubstr("\nwhole "), HasSubstr("all pairs, patchcore\n")));
  EXPECT_THAT(core::read_file(together.folder / "manifest.json"),
              testing::AllOf(HasSubstr("\"whole\""), HasSubstr("\"coreset_ratio\": 1.0")));
  // Each comes back as itself.
  auto again = more;
  again.push_back("run.load_detectors=" + together.folder.string());
  const auto loaded = run_small(directory, "loaded", again).folder;
  EXPECT_EQ(core::read_file(together.folder / "scores.csv"), core::read_file(loaded / "scores.csv"));
}

TEST(Runner, PixelMetricsAreMeasuredOnTheGridThatIsAskedFor) {
  const TemporaryDirectory directory;
  // The crop sees the middle of the picture only: on the whole picture, other pixels count.
  const std::vector<std::string> more{"backbone.resize_mode=shorter_side", "backbone.crop_px=96", "run.panels=false"};
  const auto map = core::read_csv(run_small(directory, "map", more).folder / "metrics.csv");
  auto on_image = more;
  on_image.emplace_back("metrics.resolution=image");
  const auto image = core::read_csv(run_small(directory, "image", on_image).folder / "metrics.csv");
  EXPECT_EQ(values_of(map, "image_auroc_original", ""), values_of(image, "image_auroc_original", ""));
  EXPECT_NE(values_of(map, "pixel_auroc_original", ""), values_of(image, "pixel_auroc_original", ""));
}

TEST(Runner, ADetectorOfOtherImagesIsTakenWithAWarning) {
  const TemporaryDirectory directory, other;
  const auto first = run_small(directory, "first", {"run.save_detectors=true", "run.panels=false"}).folder;
  const auto second =
      run_small(other, "second", {"run.load_detectors=" + first.string(), "run.panels=false", "dataset.seed=78"})
          .folder;
  EXPECT_THAT(core::read_file(second / "log"), testing::AllOf(HasSubstr("WARNING"), HasSubstr("other images")));
}

TEST(Runner, AnInterruptedRunSaysSo) {
  const TemporaryDirectory directory;
  core::note_interruptions();
  std::thread user([&] {
    while (!fs::exists(directory / "run/status.json")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(::getpid(), SIGINT);
  });
  EXPECT_THROW(run_small(directory, "run"), core::Interrupted);
  user.join();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  EXPECT_THAT(status_of(directory / "run"), testing::AllOf(HasSubstr("\"interrupted\""), HasSubstr("\"process\"")));
  EXPECT_FALSE(fs::exists(directory / "run/metrics.csv"));
  EXPECT_THAT(core::read_file(directory / "run/log"), HasSubstr("[ERROR]"));
}

TEST(Runner, OwnPromptSetsStandBesideTheShippedOnes) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "prompts/mine.yaml",
                              "templates: ['{}']\nnegative: ['{category}']\npositive: {default: ['{type}']}\n");
  const auto result = run_small(
      directory, "run",
      {"prompts.folder=" + (directory / "prompts").string(), "prompts.sets=[mine,described]", "run.panels=false"});
  EXPECT_THAT(result.text, testing::AllOf(HasSubstr("mine"), HasSubstr("described")));
}

TEST(Runner, NeverWritesIntoAFolderInUse) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "run/mine.txt", "mine");
  test::expect_error<core::OutputError>([&] { run_small(directory, "run"); }, {"not empty", "run.dir"});
  EXPECT_EQ(core::read_file(directory / "run/mine.txt"), "mine");
  EXPECT_FALSE(fs::exists(directory / "run/metrics.csv"));
}

}  // namespace
}  // namespace normadd::experiment
