// SPDX-License-Identifier: Apache-2.0
// normadd reproduce on a few procedural pictures in MVTec AD's layout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/atomic_file.h"
#include "core/csv.h"
#include "datasets/procedural.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const fs::path kHome = NORMADD_SOURCE_DIR;

class Reproduce : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new test::TemporaryDirectory;
    datasets::DemoOptions demo;
    demo.side_px = 64;
    demo.train_good = 3;
    demo.test_good = 3;
    demo.test_per_type = 2;
    datasets::write_demo_dataset((*directory_ / "data").string(), demo);
    fs::remove((*directory_ / "data/carpet/ground_truth/thread/000_mask.png"));
  }
  static void TearDownTestSuite() { delete directory_; }
  void SetUp() override { ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 1); }
  void TearDown() override { ::unsetenv("NORMADD_HOME"); }

  static std::vector<std::string> small(const std::string& run, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all{"reproduce",
                                 "patchcore",
                                 "--quiet",
                                 "--categories",
                                 "carpet",
                                 "dataset.root=" + (*directory_ / "data").string(),
                                 "backbone=micro_resnet",
                                 "backbone.weights=" + (kHome / "data/weights/micro_resnet/model.safetensors").string(),
                                 "detector.coreset_ratio=0.02",
                                 "cache.enabled=false",
                                 "run.dir=" + (*directory_ / run).string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  static test::TemporaryDirectory* directory_;
};
test::TemporaryDirectory* Reproduce::directory_ = nullptr;

TEST_F(Reproduce, RunsAndSaysWhatIsNotComparableAndWhy) {
  const Outcome outcome = run_quietly(small("run"));
  EXPECT_EQ(outcome.exit_code, 1) << outcome.error;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("backbone: micro_resnet layer2 layer3 float32, published: wide_resnet50_2"),
                    HasSubstr("published: wide_resnet50_2.tv_in1k"), HasSubstr("detector.coreset_ratio: 0.02"),
                    HasSubstr("carpet: 3 training images, officially 280"), HasSubstr("officially 28 and 89"),
                    HasSubstr("carpet: 1 of 10 anomalous test images have no mask"),
                    HasSubstr("carpet: pictures of 64 x 64 px, officially 1024 x 1024"), HasSubstr("mean of 1"),
                    HasSubstr("no number is comparable")));
  const auto csv = core::read_csv(*directory_ / "run/tables/reproduction.csv");
  const auto metrics = core::read_csv(*directory_ / "run/metrics.csv");
  std::size_t num_found = 0;
  for (const auto& row : csv.rows) {
    for (const auto& line : metrics.rows) {
      if (line[metrics.column("detector")] == row[csv.column("detector")] &&
          line[metrics.column("category")] == row[csv.column("category")] &&
          line[metrics.column("metric")] == row[csv.column("metric")]) {
        EXPECT_EQ(row[csv.column("ours")], line[metrics.column("value")]);
        ++num_found;
      }
    }
  }
  EXPECT_EQ(num_found, 4u);  // image, pixel, pixel of anomalous images, PRO

  // A finished run needs neither data nor weights, and gives the same table.
  const std::string before = core::read_file(*directory_ / "run/tables/reproduction.md");
  const Outcome again = run_quietly({"reproduce", "paper/patchcore", "--run", (*directory_ / "run").string()});
  EXPECT_EQ(again.exit_code, 1) << again.error;
  EXPECT_EQ(core::read_file(*directory_ / "run/tables/reproduction.md"), before);
  EXPECT_THAT(outcome.out, HasSubstr(again.out));
}

TEST_F(Reproduce, ReturnsZeroWhenAllComparableNumbersAreWithin) {
  const fs::path home = *directory_ / "home";
  fs::create_directories(home / "results/published");
  for (const char* part : {"configs", "data", "experiments"}) fs::create_directory_symlink(kHome / part, home / part);
  core::write_file_atomically(
      home / "results/published/sources.yaml",
      "toy:\n  title: Toy\n  origin: here\n  tolerance: wide\n  compared: {paper/patchcore: paper}\n"
      "  settings: {detector.profile: paper}\n  configuration: {}\n");
  const auto with_value = [&](const std::string& value) {
    core::write_file_atomically(home / "results/published/toy.csv",
                                "source,profile,method,dataset,category,added,metric,value,tolerance,verified,note\n"
                                "toy,paper,patchcore,toy,carpet,,image_auroc_original," +
                                    value + ",0.1,yes,\n");
  };
  ::setenv("NORMADD_HOME", home.c_str(), 1);
  with_value("1");
  const Outcome good = run_quietly(small("good", {"dataset.name=toy"}));
  EXPECT_EQ(good.exit_code, 0) << good.out << good.error;
  EXPECT_THAT(good.out, HasSubstr("1 of 1 comparable numbers are within"));
  with_value("0.2");
  const Outcome bad = run_quietly({"reproduce", "paper/patchcore", "--run", (*directory_ / "good").string()});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.out, HasSubstr("outside"));
}

TEST_F(Reproduce, ListsEveryExperimentWithItsQuestion) {
  const Outcome outcome = run_quietly({"reproduce", "--list"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const auto& entry : fs::directory_iterator(kHome / "experiments/paper")) {
    EXPECT_THAT(outcome.out, HasSubstr("paper/" + entry.path().stem().string()));
  }
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("67 published numbers\n  Does PatchCore give"), Not(HasSubstr("\n  \n"))));
}

TEST_F(Reproduce, SaysWhatIsMissingAndWhereToGetIt) {
  ::setenv("HF_HUB_CACHE", (*directory_ / "no-cache").c_str(), 1);
  const Outcome all =
      run_quietly({"reproduce", "nand", "--missing", "dataset.root=" + (*directory_ / "none").string()});
  EXPECT_EQ(all.exit_code, 1);
  EXPECT_THAT(all.out, AllOf(HasSubstr("none: MISSING"), HasSubstr("https://www.mvtec.com/"), HasSubstr("4.9 GB"),
                             HasSubstr("ViT-L-14-336.openai: MISSING, 1.71 GB"),
                             HasSubstr("normadd weights fetch wide_resnet50_2.tv_in1k"), HasSubstr("docs/weights.md")));
  const Outcome part = run_quietly({"reproduce", "winclip", "--missing", "--categories", "carpet,screw",
                                    "dataset.root=" + (*directory_ / "data").string()});
  EXPECT_EQ(part.exit_code, 1);
  EXPECT_THAT(part.out, AllOf(HasSubstr("train 3 (280), good 3 (28), anomalous 10 (89), masks 9  INCOMPLETE"),
                              HasSubstr("screw        MISSING"), Not(HasSubstr("bottle"))));
  const Outcome there =
      run_quietly({"reproduce", "patchcore", "--missing", "dataset=demo", "backbone=micro_resnet",
                   "backbone.weights=" + (kHome / "data/weights/micro_resnet/model.safetensors").string()});
  EXPECT_EQ(there.exit_code, 0) << there.out;
  EXPECT_THAT(there.out, HasSubstr("Everything is there."));
  const Outcome sweep = run_quietly({"reproduce", "ablation_backbones", "--missing"});
  EXPECT_THAT(sweep.out, AllOf(HasSubstr("ViT-B-16.openai"), HasSubstr("ViT-L-14.openai"), HasSubstr("ViT-L-14-336")));
  ::unsetenv("HF_HUB_CACHE");
}

TEST_F(Reproduce, RefusesBadInputBeforeAnythingIsComputed) {
  expect_refusal({"reproduce"}, {"no experiment is named", "--list"});
  expect_refusal({"reproduce", "paper/patchcor"}, {"paper/patchcor", "paper/patchcore"});
  expect_refusal({"reproduce", "patchcore", "--run", "none"}, {"manifest.json"});
  expect_refusal({"reproduce", "patchcore", "--run", "none", "seed=1"}, {"no overrides"});
  expect_refusal({"reproduce", "patchcore", "launcher=slurm"}, {"launcher=slurm", "--run"});
  expect_refusal({"reproduce", "patchcore", "detector.coreset=1"}, {"coreset"});
}

}  // namespace
}  // namespace normadd::tools
