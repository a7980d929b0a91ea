// SPDX-License-Identifier: Apache-2.0
// Runs over a cache that is shared, changed, damaged or left behind by a killed process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "datasets/procedural.h"
#include "experiment/small_batch.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::IsEmpty;

/// A dataset that tests may change, and jobs on it.
class CachedRuns : public ::testing::Test {
 protected:
  CachedRuns() {
    ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 1);
    datasets::write_demo_dataset(directory_ / "data", {.train_good = 4, .test_good = 3, .test_per_type = 2});
    fs::copy(fs::path(NORMADD_SOURCE_DIR) / "data/weights/micro_clip", directory_ / "clip");
    core::write_file_atomically(
        directory_ / "prompts/mine.yaml",
        "templates: ['{}']\nnegative: ['{category}']\npositive: {default: ['{category} with {type}']}\n");
  }

  SmallBatch batch(const Overrides& change = {}) const {
    Overrides overrides{"dataset=mvtec_ad",
                        "dataset.root=" + (directory_ / "data").string(),
                        "dataset.categories=[carpet]",
                        "detector.coreset_ratio=0.02",
                        "backbone.resize_px=128",
                        "clip.path=" + (directory_ / "clip").string(),
                        "prompts.folder=" + (directory_ / "prompts").string(),
                        "prompts.sets=[mine]"};
    overrides.insert(overrides.end(), change.begin(), change.end());
    return SmallBatch(std::vector<Overrides>{overrides});
  }

  /// How many stages of each name a job computes.
  std::map<std::string, std::size_t> computed(const Overrides& change = {}) {
    Session session(test_installation(), cache_in(directory_ / "cache"));
    const auto outcome = batch(change).run(session, directory_ / "runs" / std::to_string(++runs_)).front();
    if (outcome.error) std::rethrow_exception(outcome.error);
    std::map<std::string, std::size_t> stages;
    for (const auto& [stage, counts] : session.cache().counts()) {
      if (counts.computed > 0) stages[stage] = counts.computed;
    }
    return stages;
  }

  TemporaryDirectory directory_;
  int runs_ = 0;
};

using Stages = std::map<std::string, std::size_t>;
const Stages kDetector{{"detector_fit", 1}, {"anomaly_maps", 1}, {"original_metrics", 1}, {"results", 1}};
const Stages kAll{
    {"detector_fit", 1}, {"anomaly_maps", 1}, {"original_metrics", 1}, {"image_features", 1}, {"results", 1}};

/// Another picture of the same size in its place.
void change_picture(const fs::path& picture, const fs::path& by) {
  fs::copy_file(by, picture, fs::copy_options::overwrite_existing);
}

TEST_F(CachedRuns, EachChangeComputesWhatItChanges) {
  const Stages tables{{"results", 1}};
  EXPECT_EQ(computed(), kAll);
  EXPECT_EQ(computed(), Stages{});
  EXPECT_EQ(computed({"fusion=power"}), tables);
  EXPECT_EQ(computed({"normality.temperature=5"}), tables);
  EXPECT_EQ(computed({"threads=1"}), Stages{});
  EXPECT_EQ(computed({"fusion=subtract"}), (Stages{{"score_scale", 1}, {"results", 1}}));
  EXPECT_EQ(computed({"seed=3"}), kDetector);
  EXPECT_EQ(computed({"detector.coreset_ratio=0.03"}), kDetector);
  EXPECT_EQ(computed({"metrics.per_type=true"}), (Stages{{"original_metrics", 1}, {"results", 1}}));
  EXPECT_EQ(computed({"clip.image_px=64"}), (Stages{{"image_features", 1}, {"results", 1}}));
  EXPECT_EQ(computed({"normality=clip_tokens", "normality.taps=[2]"}), (Stages{{"image_features", 1}, {"results", 1}}));
}

TEST_F(CachedRuns, ChangedFilesAreNoticed) {
  EXPECT_EQ(computed(), kAll);
  core::write_file_atomically(directory_ / "prompts/mine.yaml",
                              "templates: ['{}']\nnegative: ['{category}']\npositive: {default: ['some {type}']}\n");
  EXPECT_EQ(computed(), (Stages{{"results", 1}}));
  const fs::path carpet = directory_ / "data/carpet";
  change_picture(carpet / "test/hole/000.png", carpet / "test/stain/000.png");
  EXPECT_EQ(computed(), (Stages{{"anomaly_maps", 1}, {"original_metrics", 1}, {"image_features", 1}, {"results", 1}}));
  change_picture(carpet / "train/good/000.png", carpet / "train/good/001.png");
  EXPECT_EQ(computed(), kDetector);
  change_picture(carpet / "ground_truth/hole/000_mask.png", carpet / "ground_truth/stain/000_mask.png");
  EXPECT_EQ(computed(), (Stages{{"original_metrics", 1}, {"results", 1}}));
  // Weights: the same model with its dense layers under another temperature of training is another file.
  fs::copy_file(directory_ / "clip/dense_layers.safetensors", directory_ / "layers.safetensors");
  const std::string layers = core::read_file(directory_ / "layers.safetensors");
  std::string other = layers;
  other[other.size() - 2] = static_cast<char>(other[other.size() - 2] ^ 1);
  core::write_file_atomically(directory_ / "layers.safetensors", other);
  EXPECT_EQ(computed({"normality.dense_layers=" + (directory_ / "layers.safetensors").string()}),
            (Stages{{"image_features", 1}, {"results", 1}}));
}

TEST_F(CachedRuns, ADamagedEntryIsComputedAgain) {
  EXPECT_EQ(computed(), kAll);
  const auto expected = results_of(directory_ / "runs/1/0");
  for (const char* stage : {"image_features", "anomaly_maps"}) {
    for (const auto& entry : fs::recursive_directory_iterator(directory_ / "cache" / stage)) {
      if (entry.path().extension() != ".safetensors") continue;
      std::string bytes = core::read_file(entry.path());
      bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 64);
      core::write_file_atomically(entry.path(), bytes);
    }
  }
  fs::remove_all(directory_ / "cache/results");
  EXPECT_EQ(computed(), (Stages{{"anomaly_maps", 1}, {"image_features", 1}, {"results", 1}}));
  EXPECT_EQ(results_of(directory_ / "runs/2/0"), expected);
}

/// Runs the job in a process of its own.
pid_t started(const SmallBatch& batch, const fs::path& cache, const fs::path& folder) {
  const pid_t process = ::fork();
  if (process != 0) return process;
  int code = 1;
  try {
    Session session(test_installation(), cache_in(cache));
    code = batch.run(session, folder).front().error ? 1 : 0;
  } catch (...) {
  }
  ::_exit(code);
}

TEST_F(CachedRuns, TwoProcessesAtOnceGiveTheSameBytes) {
  const SmallBatch one = batch({"threads=1"});
  const pid_t first = started(one, directory_ / "cache", directory_ / "first");
  const pid_t second = started(one, directory_ / "cache", directory_ / "second");
  for (const pid_t process : {first, second}) {
    int status = 0;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_FALSE(results_of(directory_ / "first/0").empty());
  EXPECT_EQ(results_of(directory_ / "first/0"), results_of(directory_ / "second/0"));
}

TEST_F(CachedRuns, AKilledRunIsFinishedByTheNext) {
  const SmallBatch one = batch({"threads=1"});
  one.run_alone(cache_in(""), directory_ / "undisturbed");
  for (int delay = 20; delay < 800; delay += 130) {
    const pid_t process = started(one, directory_ / "cache", directory_ / "runs");
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    ::kill(process, SIGKILL);
    int status = 0;
    ::waitpid(process, &status, 0);
    // Whole or not at all.
    if (fs::exists(directory_ / "runs/0")) {
      EXPECT_EQ(results_of(directory_ / "runs/0"), results_of(directory_ / "undisturbed/0"));
    }
  }
  one.run_alone(cache_in(directory_ / "cache"), directory_ / "runs");
  EXPECT_EQ(results_of(directory_ / "runs/0"), results_of(directory_ / "undisturbed/0"));
}

}  // namespace
}  // namespace normadd::experiment
