// SPDX-License-Identifier: Apache-2.0
// data check, data splits, run and train april-gan on datasets of every layout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/csv.h"
#include "core/log.h"
#include "datasets/dataset.h"
#include "datasets/miniatures.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using datasets::SmallBtad;
using datasets::SmallCsv;
using datasets::SmallDataset;
using datasets::SmallFolder;
using datasets::SmallVisa;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kClip = std::string(NORMADD_SOURCE_DIR) + "/data/weights/micro_clip";

Outcome succeed(const std::vector<std::string>& arguments) {
  const Outcome outcome = run_quietly(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.error;
  return outcome;
}

TEST(DataCheck, GuessesTheLayoutAndSaysSo) {
  const SmallVisa visa;
  const auto outcome = succeed({"data", "check", visa.root.string()});
  EXPECT_THAT(outcome.out, HasSubstr("0 errors, 0 warnings"));
  EXPECT_THAT(outcome.error, AllOf(HasSubstr("Layout: visa"), HasSubstr("guessed")));
  EXPECT_THAT(succeed({"data", "check", SmallBtad().root.string()}).error, HasSubstr("Layout: btad"));
  const SmallCsv csv;
  for (const auto& path : {csv.root, csv.path("manifest.csv")}) {
    EXPECT_THAT(succeed({"data", "check", path.string()}).error, HasSubstr("Layout: csv"));
  }
  const SmallDataset mvtec;
  EXPECT_THAT(succeed({"data", "check", mvtec.root.string()}).error, HasSubstr("Layout: mvtec_ad"));
  EXPECT_EQ(succeed({"data", "check", mvtec.root.string(), "--layout", "mvtec_ad"}).error, "");
  const SmallFolder folder;
  fs::rename(folder.path("fine"), folder.path("good"));
  EXPECT_THAT(succeed({"data", "check", folder.root.string()}).error, HasSubstr("Layout: folder"));
}

TEST(DataCheck, NamesWhatIsWrongInEveryLayout) {
  const SmallVisa visa;
  visa.remove("pcb1/Data/Masks/Anomaly/001.png");
  auto outcome = run_quietly({"data", "check", visa.root.string(), "--json"});
  EXPECT_EQ(outcome.exit_code, 2);
  auto json = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["severity"], "error");
  EXPECT_THAT(json[0]["path"].get<std::string>(), HasSubstr("1cls.csv:12"));
  const SmallCsv csv;
  csv.edit("manifest.csv", "bolt,test,cut", "bolt,tset,cut");
  outcome = run_quietly({"data", "check", csv.root.string()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("manifest.csv:7: the split is 'tset'"));
  const SmallFolder folder;
  folder.write("fine/1.png", "no picture");
  outcome = run_quietly({"data", "check", folder.root.string(), "--layout", "folder", "dataset.normal_dir=fine",
                         "dataset.abnormal_dir=defects", "dataset.mask_dir=masks"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("fine/1.png"), HasSubstr("1 errors, 0 warnings")));
  const SmallBtad btad;
  btad.write("03/ground_truth/ko/0000.bmp", "no picture");
  outcome = run_quietly({"data", "check", "dataset=btad", "dataset.root=" + btad.root.string(), "--categories", "03"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("03/ground_truth/ko/0000.bmp"), HasSubstr("1 errors, 1 warnings")));
}

TEST(DataCheck, TakesOverridesAsARunDoes) {
  const SmallVisa visa;
  const auto outcome = succeed({"data", "check", visa.root.string(), "dataset.types=single", "--categories", "pcb1"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("single defect type"), Not(HasSubstr("candle"))));
  succeed({"data", "check", "dataset=visa", "dataset.root=" + visa.root.string(), "dataset.categories=[pcb1]"});
  const test::TemporaryDirectory study;
  core::write_file_atomically(study / "dataset/mine.yaml", "name: mine\nreader: visa\nroot: " + visa.root.string() +
                                                               "\ncategories: []\nsplit_file: 2cls_fewshot.csv\n");
  EXPECT_THAT(succeed({"data", "splits", "dataset=mine", "-cd", study.path().string()}).out,
              HasSubstr("in 1 categories"));
}

TEST(DataCheck, CategoriesWithLeadingZerosAreNames) {
  const SmallBtad btad;
  EXPECT_THAT(
      succeed({"data", "check", "dataset=btad", "dataset.root=" + btad.root.string(), "dataset.categories=[03]"}).out,
      HasSubstr("0 errors, 1 warnings"));
}

TEST(DataCheck, RefusesWithTheWayOut) {
  const SmallVisa visa;
  expect_refusal({"data", "check", visa.directory.path().string()}, {"cannot be told", visa.root.string(), "'visa'"});
  expect_refusal({"data", "check", "/no/such/folder"}, {"/no/such/folder", "no such"});
  expect_refusal({"data", "check", visa.root.string(), "--layout", "vissa"}, {"'vissa'", "'visa'"});
  expect_refusal({"data", "check", visa.root.string(), "--layout", "visa", "dataset=btad"}, {"named twice"});
  expect_refusal({"data", "check", visa.root.string(), "--layout", "btad"}, {"dataset=visa"});
  expect_refusal({"data", "check", visa.root.string(), "types=single"}, {"'types=single'", "dataset.types=single"});
  expect_refusal({"data", "check", visa.root.string(), "dataset.type=single"}, {"dataset.type", "dataset.types"});
  expect_refusal({"data", "check", visa.root.string(), "dataset.types=some"}, {"dataset.types", "annotated"});
  expect_refusal({"data", "check", visa.root.string(), "extra"}, {"'extra'", "too many"});
  expect_refusal({"data", "check", "dataset.root=~/x", "dataset=visa"}, {"dataset.root", "$HOME/x"});
  expect_refusal({"data", "check", "dataset=folder", "dataset.root=" + visa.root.string()}, {"dataset.normal_dir"});
  visa.remove("split_csv");
  expect_refusal({"data", "splits", visa.root.string()},
                 {"split_csv/1cls.csv", "guessed to be 'visa'", "dataset=NAME"});
}

TEST(DataSplits, ListsPairsOfEveryLayout) {
  core::set_quiet(false);  // a run in this process may have been told otherwise
  const SmallVisa visa;
  const auto json = nlohmann::json::parse(succeed({"data", "splits", visa.root.string(), "--json"}).out);
  ASSERT_EQ(json.size(), 6u);
  EXPECT_EQ(json[5]["category"], "pcb1");
  EXPECT_EQ(json[5]["added"], "combined");
  EXPECT_EQ(json[5]["combined"], true);
  EXPECT_EQ(json[5]["num_retained"], 2);
  EXPECT_THAT(succeed({"data", "splits", SmallCsv().root.string()}).out, HasSubstr("4 pairs in 2 categories"));
  const auto btad = succeed({"data", "splits", SmallBtad().root.string()});
  EXPECT_THAT(btad.out, HasSubstr("0 pairs in 2 categories"));
  EXPECT_THAT(btad.error, HasSubstr("01: no pair"));
  const SmallFolder folder;
  const auto outcome = succeed({"data", "splits", folder.root.string(), "--layout=folder", "dataset.normal_dir=fine",
                                "dataset.abnormal_dir=[defects/bent,defects/cut]", "dataset.category=bracket"});
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("bracket        bent                           2      2         2"),
                                 HasSubstr("2 pairs in 1 categories")));
  EXPECT_THAT(outcome.error, HasSubstr("2 of 10 normal images are held out"));
}

/// A manifest of what read_mvtec_ad finds.
void write_manifest_of(const fs::path& root) {
  core::CsvTable table{{"image", "category", "split", "type", "mask"}, {}};
  for (const auto& category : datasets::read_mvtec_ad(root, {}).categories) {
    for (const auto* samples : {&category.train, &category.test}) {
      for (const auto& sample : *samples) {
        table.rows.push_back({sample.id, category.name, samples == &category.train ? "train" : "test",
                              sample.defect_type,
                              sample.mask ? sample.mask->lexically_relative(root).generic_string() : ""});
      }
    }
  }
  core::write_csv(root / "manifest.csv", table);
}

class DemoInTwoLayouts : public ::testing::Test {
 protected:
  DemoInTwoLayouts() {
    succeed({"data", "demo", "--root", root_.string(), "--side", "64", "--train-good", "3", "--test-good", "2",
             "--test-per-type", "1"});
    write_manifest_of(root_);
  }
  test::TemporaryDirectory directory_;
  fs::path root_ = directory_ / "data";
};

TEST_F(DemoInTwoLayouts, ARunGivesTheSameNumbersHoweverTheDataWasTold) {
  std::vector<core::CsvTable> metrics;
  for (const std::string layout : {"mvtec_ad", "csv"}) {
    const fs::path run = directory_ / layout;
    succeed({"run", "-q", "dataset=" + layout, "dataset.root=" + root_.string(), "dataset.name=demo",
             "dataset.categories=[carpet]", "detector.coreset_ratio=0.02", "backbone.resize_px=128",
             "prompts=name_only", "run.panels=false", "cache.dir=" + (directory_ / "cache").string(),
             "run.dir=" + run.string()});
    metrics.push_back(core::read_csv(run / "metrics.csv"));
  }
  ASSERT_EQ(metrics[0].columns, metrics[1].columns);
  const std::size_t identity = metrics[0].column("run");
  for (auto& table : metrics) {
    for (auto& row : table.rows) row[identity] = "";
  }
  EXPECT_GT(metrics[0].rows.size(), 10u);
  EXPECT_EQ(metrics[0].rows, metrics[1].rows);
}

TEST_F(DemoInTwoLayouts, TheRunsLogStatesTheSplitOfAPlainFolder) {
  const fs::path run = directory_ / "run";
  succeed({"run", "-q", "dataset=folder", "dataset.root=" + (root_ / "carpet").string(),
           "dataset.normal_dir=train/good", "dataset.abnormal_dir=[test/hole,test/color]",
           "dataset.mask_dir=ground_truth", "detector.coreset_ratio=0.02", "backbone.resize_px=128",
           "prompts=name_only", "run.panels=false", "cache.dir=" + (directory_ / "cache").string(),
           "run.dir=" + run.string()});
  EXPECT_THAT(core::read_file(run / "log"), HasSubstr("carpet: 1 of 3 normal images are held out for the test"));
}

TEST_F(DemoInTwoLayouts, AprilGanTrainsTheSameLayersHoweverTheDataWasTold) {
  const auto train = [&](const std::string& name, std::vector<std::string> data) {
    const fs::path out = directory_ / name;
    std::vector<std::string> arguments{"train",      "april-gan", "--clip",  kClip,          "--out",
                                       out.string(), "epochs=1",  "batch=4", "taps=[2,3,4]", "seed=3"};
    arguments.insert(arguments.end(), data.begin(), data.end());
    succeed(arguments);
    return core::read_file(out / "dense_layers.safetensors");
  };
  const std::string by_flags = train("flags", {"--data", root_.string(), "--categories", "carpet"});
  EXPECT_EQ(train("overrides", {"dataset=csv", "dataset.root=" + root_.string(), "dataset.categories=[carpet]"}),
            by_flags);
  EXPECT_NE(train("others", {"dataset=mvtec_ad", "dataset.root=" + root_.string(), "dataset.categories=[grid]"}),
            by_flags);
  EXPECT_NE(train("mosaics", {"--data", root_.string(), "--categories", "carpet", "mosaic_probability=1"}), by_flags);
}

TEST(TrainAprilGan, TakesVisaAndNamesWhatIsWrong) {
  const SmallVisa visa;
  const std::string out = (visa.directory / "out").string();
  succeed({"train", "april-gan", "--clip", kClip, "--out", out, "dataset=visa", "dataset.root=" + visa.root.string(),
           "epochs=1", "taps=[2,3,4]"});
  EXPECT_TRUE(fs::exists(fs::path(out) / "dense_layers.safetensors"));
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"train", "april-gan", "--clip", kClip, "--out", out + "2", "taps=[2,3,4]"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  expect_refusal(with({}), {"--data", "dataset=NAME"});
  expect_refusal(with({"dataset=vissa"}), {"vissa", "visa"});
  expect_refusal(with({"dataset=visa", "dataset.root=/nowhere"}), {"/nowhere", "dataset.root"});
  expect_refusal(with({"--data", visa.root.string(), "dataset.typs=single"}), {"dataset.typs", "dataset.types"});
  expect_refusal(with({"--data", visa.root.string(), "epoch=1"}), {"epoch", "epochs"});
  expect_refusal(with({"--data", visa.directory.path().string()}), {visa.root.string(), "'visa'"});
  EXPECT_FALSE(fs::exists(out + "2"));
}

}  // namespace
}  // namespace normadd::tools
