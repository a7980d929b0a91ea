// SPDX-License-Identifier: Apache-2.0
#include "normadd/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "config/compose.h"
#include "core/atomic_file.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Program, ListsItsVerbs) {
  const auto outcome = run_quietly({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* verb : {"run", "data", "prompts", "embed", "features", "train"}) {
    EXPECT_THAT(outcome.out, HasSubstr(std::string("  ") + verb + " "));
  }
  EXPECT_EQ(run_quietly({}).exit_code, 2);
  EXPECT_THAT(run_quietly({"--version"}).out, HasSubstr("normadd "));
}

TEST(Program, EveryVerbHasHelp) {
  for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{{"run"},
                                                                                    {"data"},
                                                                                    {"data", "demo"},
                                                                                    {"data", "check"},
                                                                                    {"data", "splits"},
                                                                                    {"prompts"},
                                                                                    {"prompts", "show"},
                                                                                    {"prompts", "list"},
                                                                                    {"prompts", "generate"},
                                                                                    {"embed"},
                                                                                    {"features"},
                                                                                    {"train"},
                                                                                    {"train", "clip"},
                                                                                    {"train", "resnet"},
                                                                                    {"train", "april-gan"}}) {
    auto arguments = verb;
    arguments.emplace_back("--help");
    const auto outcome = run_quietly(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << verb[0] << outcome.error;
    EXPECT_THAT(outcome.out, HasSubstr("normadd " + verb[0]));
  }
}

TEST(Program, HelpNamesWhatCanBeChosenAndTheDefaults) {
  const auto run = run_quietly({"run", "--help"}).out;
  EXPECT_THAT(run, HasSubstr("dataset    btad, csv, demo, folder, mpdd, mvtec_ad, visa"));
  EXPECT_THAT(run, HasSubstr("experiment demo, ablation/backbones, ablation/fusion"));
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "dataset/mine.yaml", "name: mine\n");
  EXPECT_THAT(run_quietly({"run", "--help", "-cd", directory.path().string()}).out, HasSubstr("folder, mine, mpdd"));
  EXPECT_THAT(run_quietly({"run", "--keys"}).out, HasSubstr("fusion.rule                  how A and A_sup"));
  EXPECT_THAT(run_quietly({"train", "clip", "--help"}).out,
              HasSubstr("patch_px               side of a patch, px (default: 8)"));
}

TEST(Program, PrintsTheJobsConfigurationAsYamlThatReadsBack) {
  EXPECT_EQ(run_quietly({"run", "--cfg", "job", "+seed=1"}).exit_code, 2);  // the key exists already: + adds
  const auto printed = run_quietly({"run", "--cfg", "job", "dataset.categories=[carpet, grid]", "fusion=power",
                                    "fusion.gamma=2", "backbone.taps=[layer2,layer3]"});
  ASSERT_EQ(printed.exit_code, 0) << printed.error;
  EXPECT_THAT(printed.out, HasSubstr("${clip.path}"));
  const config::Value value = config::parse_yaml(printed.out, "printed");
  EXPECT_EQ(config::to_yaml(value), printed.out);
  const auto& categories = value.find("dataset")->find("categories")->as_list();
  ASSERT_EQ(categories.size(), 2u);
  EXPECT_EQ(categories[1].as_string(), "grid");
  const auto resolved = run_quietly({"run", "-c", "job", "--resolve"});
  EXPECT_THAT(resolved.out, Not(HasSubstr("${")));
  EXPECT_THAT(resolved.out, HasSubstr("data/weights/micro_clip/dense_layers.safetensors"));
}

TEST(Program, FurtherConfigurationFoldersComeFirst) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "fusion/gentle.yaml", "rule: product\nlambda: 0.25\n");
  const auto printed = run_quietly({"run", "-cd", directory.path().string(), "--cfg", "job", "fusion=gentle"});
  ASSERT_EQ(printed.exit_code, 0) << printed.error;
  EXPECT_THAT(printed.out, HasSubstr("lambda: 0.25"));
}

class DemoData : public ::testing::Test {
 protected:
  DemoData() {
    const auto outcome = run_quietly({"data", "demo", "--root", root(), "--side", "64", "--train-good", "2",
                                      "--test-good", "1", "--test-per-type", "1"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.error;
    EXPECT_THAT(outcome.out, HasSubstr(root()));
  }
  std::string root() const { return (directory_ / "data").string(); }
  TemporaryDirectory directory_;
};

TEST_F(DemoData, IsMadeOnce) {
  const auto before = fs::last_write_time(directory_ / "data/demo.json");
  const auto outcome = run_quietly({"data", "demo", "--root", root(), "--side", "64", "--train-good", "2",
                                    "--test-good", "1", "--test-per-type", "1"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("already"));
  EXPECT_EQ(fs::last_write_time(directory_ / "data/demo.json"), before);
}

TEST_F(DemoData, CheckNamesWhatIsWrongAndExitsWithTwo) {
  EXPECT_EQ(run_quietly({"data", "check", root()}).exit_code, 0);
  fs::remove(directory_ / "data/carpet/ground_truth/hole/000_mask.png");
  const auto outcome = run_quietly({"data", "check", root()});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("carpet/test/hole/000.png"));
  const auto json = nlohmann::json::parse(run_quietly({"data", "check", root(), "--json"}).out);
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["severity"], "error");
  EXPECT_EQ(run_quietly({"data", "check", root(), "--categories", "grid,cable"}).exit_code, 0);
}

TEST_F(DemoData, SplitsListEveryPair) {
  const auto outcome = run_quietly({"data", "splits", root(), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  const auto json = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(json.size(), 30u);
  for (const auto& pair : json) {
    EXPECT_EQ(pair["num_good"], 1);
    EXPECT_EQ(pair["num_added"], 1);
    EXPECT_EQ(pair["num_retained"], 4);
    EXPECT_EQ(pair["combined"], false);
  }
  EXPECT_THAT(run_quietly({"data", "splits", root()}).out, HasSubstr("30 pairs in 6 categories"));
}

TEST(Prompts, ShowNotesACategoryThatTheSetDoesNotKnow) {
  const auto outcome = run_quietly({"prompts", "show", "described", "carpt", "thread"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.error, testing::AllOf(HasSubstr("carpt"), HasSubstr("carpet")));
}

TEST(Prompts, ShowPrintsTheExactTexts) {
  const auto outcome = run_quietly({"prompts", "show", "described", "carpet", "thread"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("shows thread on carpet"));
  const auto json =
      nlohmann::json::parse(run_quietly({"prompts", "show", "name_only", "metal_nut", "scratch", "--json"}).out);
  EXPECT_EQ(json["key"], "name_only/metal_nut/scratch");
  EXPECT_FALSE(json["positive"].empty());
}

TEST(Run, FromTheCommandLineEndsWithTheTableAndTheFolder) {
  const TemporaryDirectory directory;
  const auto outcome = run_quietly(
      {"run", "-q", "dataset.root=" + (directory / "data").string(), "dataset.train_good=3", "dataset.test_good=2",
       "dataset.test_per_type=1", "dataset.categories=[carpet,grid]", "detector.coreset_ratio=0.02",
       "backbone.resize_px=128", "prompts=name_only", "run.dir=" + (directory / "run").string()});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("10 pairs"));
  EXPECT_THAT(outcome.out, HasSubstr("Run folder: " + (directory / "run").string()));
  EXPECT_EQ(outcome.error, "");
}

}  // namespace
}  // namespace normadd::tools
