// SPDX-License-Identifier: Apache-2.0
// Whatever a user gets wrong ends with exit code 2 and a sentence that says what to do.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <filesystem>

#include "core/atomic_file.h"
#include "imaging/codec.h"
#include "support/small_disk.h"
#include "support/temporary_directory.h"
#include "tools/program_run.h"

namespace normadd::tools {
namespace {

namespace fs = std::filesystem;
using test::SmallDisk;
using test::TemporaryDirectory;

/// A run of about a second on six small categories' carpet.
std::vector<std::string> small_run(const fs::path& data, const fs::path& run,
                                   const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"run",
                                     "--quiet",
                                     "dataset.root=" + data.string(),
                                     "dataset.categories=[carpet]",
                                     "dataset.train_good=3",
                                     "dataset.test_good=2",
                                     "dataset.test_per_type=1",
                                     "detector.coreset_ratio=0.02",
                                     "backbone.resize_px=128",
                                     "run.dir=" + run.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::size_t num_files_below(const fs::path& folder) {
  if (!fs::exists(folder)) return 0;
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) count += entry.is_regular_file() ? 1 : 0;
  return count;
}

TEST(BadInput, CommandLine) {
  expect_refusal({"rum"}, {"unknown verb 'rum'", "run"});
  expect_refusal({"run", "--quite"}, {"--quite", "--quiet"});
  expect_refusal({"run", "--cfg"}, {"cfg"});
  expect_refusal({"run", "--cfg", "jb"}, {"'jb'", "--cfg job"});
  expect_refusal({"run", "-cn", "confg"}, {"confg"});
  expect_refusal({"run", "-cd", "/nowhere/at/all"}, {"/nowhere/at/all"});
  expect_refusal({"data", "chekc", "x"}, {"data chekc", "check"});
  expect_refusal({"data", "check"}, {"dataset folder"});
  expect_refusal({"data", "check", "a", "b"}, {"'b'", "too many"});
  expect_refusal({"data", "demo", "mydemo"}, {"'mydemo'", "too many"});
  expect_refusal({"data", "demo", "train_good=2"}, {"'train_good=2'", "--NAME VALUE"});
  expect_refusal({"data", "demo", "--side", "0", "--root", "never"}, {"side", "32"});
  expect_refusal({"data", "demo", "--test-good", "0", "--root", "never"}, {"good test images", "at least 1"});
  expect_refusal({"embed", "picture.png", "--out", "never"}, {"'picture.png'"});
  expect_refusal({"train", "clap"}, {"train clap", "clip"});
  expect_refusal({"train", "clip"}, {"--out"});
  expect_refusal({"train", "clip", "--out", "x", "step=3"}, {"step", "steps"});
  expect_refusal({"prompts", "show"}, {"described carpet thread"});
  expect_refusal({"prompts", "show", "describd", "carpet", "thread"}, {"describd", "described"});
}

TEST(BadInput, ConfigurationKeysGroupsAndValues) {
  expect_refusal({"run", "sead=1"}, {"sead", "seed"});
  expect_refusal({"run", "+sead=1"}, {"sead", "seed"});
  expect_refusal({"run", "datset=demo"}, {"datset", "dataset"});
  expect_refusal({"run", "fusion=prodct"}, {"prodct", "product"});
  expect_refusal({"run", "+fusion.lamda=1"}, {"lamda", "lambda"});
  expect_refusal({"run", "seed=often"}, {"seed", "often"});
  expect_refusal({"run", "fusion.lambda=2"}, {"fusion.lambda", "2"});
  expect_refusal({"run", "detector.coreset_ratio=0"}, {"detector.coreset_ratio"});
  expect_refusal({"run", "backbone=resnet18"}, {"backbone.weights"});
  expect_refusal({"run", "controls=[ranom]"}, {"ranom", "random"});
  expect_refusal({"run", "normality.scaling=minmax"}, {"normality.scaling", "per_image_minmax"});
  expect_refusal({"run", "backbone.taps=[layer9]"}, {"layer9", "layer"});
  expect_refusal({"run", "detector.blur_sigma_px=1e9"}, {"detector.blur_sigma_px", "1000"});
  expect_refusal({"run", "=null"}, {"without a key"});
  expect_refusal({"run", "prompts.sets=[]"}, {"prompts.sets"});
  expect_refusal({"run", "prompts.sets=[name_only,name_only]"}, {"prompts.sets", "twice"});
  expect_refusal({"run", "controls=[random,random]"}, {"controls", "twice"});
  expect_refusal({"run", "normality=clip_tokens", "normality.taps=[3,2]"}, {"normality.taps", "ascending"});
  expect_refusal({"run", "backbone=micro_clip", "backbone.precision=bfloat16"}, {"backbone.precision"});
  expect_refusal({"run", "clip.path=/" + std::string(300, 'x')}, {"xxx"});
  expect_refusal({"run", "dataset=mvtec_ad", "dataset.root=/" + std::string(300, 'x')}, {"xxx"});
  expect_refusal({"run", "-m", "seed=0,often"}, {"seed", "often"});
  expect_refusal({"run", "seed=0,1"}, {"seed"});
}

TEST(BadInput, AFinishedTrainingIsNotOverwritten) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "clip/open_clip_model.safetensors", "result");
  core::write_file_atomically(directory / "resnet/model.safetensors", "result");
  expect_refusal({"train", "clip", "--out", (directory / "clip").string(), "steps=1"}, {"finished training", "--out"});
  expect_refusal({"train", "resnet", "--out", (directory / "resnet").string(), "steps=1"}, {"finished training"});
  EXPECT_EQ(core::read_file(directory / "clip/open_clip_model.safetensors"), "result");
}

TEST(BadInput, WeightsThatAreNone) {
  const TemporaryDirectory directory;
  const auto with = [&](const std::string& bytes) {
    core::write_file_atomically(directory / "w.safetensors", bytes);
    return small_run(directory / "data", directory / "run",
                     {"backbone.weights=" + (directory / "w.safetensors").string()});
  };
  const std::string whole =
      core::read_file(fs::path(NORMADD_SOURCE_DIR) / "data/weights/micro_resnet/model.safetensors");
  expect_refusal(with(""), {"w.safetensors"});
  expect_refusal(with(whole.substr(0, whole.size() / 2)), {"w.safetensors"});
  expect_refusal(with(whole + "x"), {"w.safetensors"});
  expect_refusal(with(std::string(8, '\x7f') + whole.substr(8)), {"w.safetensors", "header"});
  expect_refusal(with("PK\x03\x04 a pickle, perhaps"), {"w.safetensors"});
  expect_refusal(small_run(directory / "data", directory / "run", {"backbone.weights=/nowhere.safetensors"}),
                 {"/nowhere.safetensors", "backbone.weights"});
  expect_refusal(small_run(directory / "data", directory / "run",
                           {"backbone=resnet50", "backbone.weights=" + std::string(NORMADD_SOURCE_DIR) +
                                                     "/data/weights/micro_resnet/model.safetensors"}),
                 {"model.safetensors"});
  expect_refusal(small_run(directory / "data", directory / "run", {"clip.path=/nowhere"}), {"/nowhere", "clip.path"});
  EXPECT_FALSE(fs::exists(directory / "run"));
}

TEST(BadInput, DataThatIsMissingOrDamaged) {
  const TemporaryDirectory directory;
  expect_refusal({"run", "dataset=mvtec_ad", "dataset.root=/nowhere", "run.dir=" + (directory / "run").string()},
                 {"/nowhere", "dataset.root"});
  ASSERT_EQ(run_quietly({"data", "demo", "--root", (directory / "data").string(), "--train-good", "3", "--test-good",
                         "2", "--test-per-type", "1"})
                .exit_code,
            0);
  expect_refusal({"run", "dataset=mvtec_ad", "dataset.root=" + (directory / "data").string(),
                  "dataset.categories=[carpt]", "run.dir=" + (directory / "run").string()},
                 {"carpt", "carpet"});
  expect_refusal({"run", "dataset=mvtec_ad", "dataset.root=" + (directory / "data").string(),
                  "dataset.categories=[grid,carpet,grid]", "run.dir=" + (directory / "run").string()},
                 {"'grid'", "twice"});
  // The same folder with other options is somebody's data, not ours to replace.
  expect_refusal(small_run(directory / "data", directory / "run", {"dataset.seed=5"}), {"not this demo dataset"});
  EXPECT_FALSE(fs::exists(directory / "run"));
  core::write_file_atomically(directory / "data/carpet/test/hole/000.png", "no picture");
  expect_refusal(small_run(directory / "data", directory / "run"), {"carpet/test/hole/000.png"});
  EXPECT_FALSE(fs::exists(directory / "run/metrics.csv"));
}

TEST(BadInput, AnOutputFolderThatCannotBe) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "file", "x");
  expect_refusal(small_run(directory / "data", directory / "file/run"), {"file/run"});
  expect_refusal({"data", "demo", "--root", (directory / "file/data").string()}, {"file/data"});
  expect_refusal({"train", "clip", "--out", (directory / "file/out").string(), "steps=1", "batch=2"}, {});
  EXPECT_EQ(core::read_file(directory / "file"), "x");
}

TEST(BadInput, AFullDiskLeavesNoHalfWrittenResult) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_quietly(small_run(directory / "data", directory / "whole")).exit_code, 0);
  // Large enough for the frozen configuration, too small for the panels.
  const SmallDisk disk(directory / "disk", "96k");
  if (disk.error() != 0) GTEST_SKIP() << "a small file system needs root: " << std::strerror(disk.error());
  expect_refusal(small_run(directory / "data", directory / "disk/run"), {"No space left", "disk is full"});
  for (const char* file : {"metrics.csv", "scores.csv", "tables"})
    EXPECT_FALSE(fs::exists(directory / "disk/run" / file));
  for (const auto& entry : fs::recursive_directory_iterator(directory / "disk")) {
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
  // A disk too small even for the frozen configuration: the run's folder goes again, so that a repetition can make it.
  for (int i = 0; i < 2; ++i) {
    const SmallDisk tiny(directory / "tiny", "8k");
    expect_refusal(small_run(directory / "data", directory / "tiny/run"), {"No space left"});
    EXPECT_FALSE(fs::exists(directory / "tiny/run"));
  }
  expect_refusal({"data", "demo", "--root", (directory / "disk/data").string()}, {"No space left"});
  EXPECT_FALSE(fs::exists(directory / "disk/data"));
}

TEST(BadInput, AFileSizeLimitIsLikeAFullDisk) {
  const TemporaryDirectory directory;
  ASSERT_EQ(run_quietly(small_run(directory / "data", directory / "whole")).exit_code, 0);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{20000, old.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  expect_refusal(small_run(directory / "data", directory / "run"), {"File too large"});
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(fs::exists(directory / "run/metrics.csv"));
  EXPECT_FALSE(fs::exists(directory / "run/tables"));
  EXPECT_GT(num_files_below(directory / "whole"), 10u);
}

}  // namespace
}  // namespace normadd::tools
