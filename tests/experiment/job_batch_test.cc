// SPDX-License-Identifier: Apache-2.0
#include "experiment/job_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "experiment/small_batch.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

namespace fs = std::filesystem;
using test::TemporaryDirectory;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kTestImages = 13;  // 3 good and 5 types x 2

/// 2 detectors x 2 prompt sets x 3 fusions, and one with controls and pixel metrics.
std::vector<Overrides> grid() {
  std::vector<Overrides> changes;
  for (const std::string ratio : {"0.02", "0.5"}) {
    for (const std::string prompts : {"name_only", "described"}) {
      for (const Overrides& fusion : std::vector<Overrides>{
               {"fusion=product", "fusion.lambda=0.5"}, {"fusion=power", "fusion.gamma=2"}, {"fusion=subtract"}}) {
        changes.push_back({"detector.coreset_ratio=" + ratio, "prompts=" + prompts});
        changes.back().insert(changes.back().end(), fusion.begin(), fusion.end());
      }
    }
  }
  changes.push_back({"controls=[random,oracle,constant,wrong_object]", "metrics.pixel_pairs=true"});
  return changes;
}

TEST(JobBatch, SharedWorkIsDoneOnce) {
  const TemporaryDirectory directory;
  const SmallBatch batch(directory, grid());
  Session session(test_installation(), cache_in(directory / "cache"));
  for (const auto& outcome : batch.run(session, directory / "runs")) {
    EXPECT_FALSE(outcome.error);
    EXPECT_FALSE(outcome.was_cached);
  }
  EXPECT_EQ(session.image_passes(), kTestImages);
  const auto& counts = session.cache().counts();
  EXPECT_EQ(counts.at("detector_fit").computed, 2u);
  EXPECT_EQ(counts.at("anomaly_maps").computed, 2u);
  EXPECT_EQ(counts.at("original_metrics").computed, 2u);
  EXPECT_EQ(counts.at("image_features").computed, 1u);
  EXPECT_EQ(counts.at("results").computed, 13u);
}

TEST(JobBatch, TogetherAloneAndFromTheCacheAreTheSameBytes) {
  const TemporaryDirectory directory;
  const SmallBatch batch(directory, grid());
  batch.run_alone(cache_in(""), directory / "alone");
  Session uncached(test_installation(), cache_in(""));
  batch.run(uncached, directory / "together");
  // The first fills the cache; the second finds the stages, but not the results; the third finds those.
  const auto cache = cache_in(directory / "cache");
  batch.run_alone(cache, directory / "filling");
  fs::remove_all(directory / "cache" / "results");
  Session staged(test_installation(), cache), cached(test_installation(), cache);
  batch.run(staged, directory / "staged");
  EXPECT_EQ(staged.image_passes(), 0u);
  for (const auto& outcome : batch.run(cached, directory / "cached")) EXPECT_TRUE(outcome.was_cached);
  for (std::size_t i = 0; i < grid().size(); ++i) {
    const auto expected = results_of(directory / "alone" / std::to_string(i));
    EXPECT_GE(expected.size(), 8u);
    for (const char* way : {"together", "filling", "staged", "cached"}) {
      EXPECT_EQ(results_of(directory / way / std::to_string(i)), expected) << way << ' ' << i;
    }
  }
}

TEST(JobBatch, ABadJobFailsAloneWithItsOwnSentence) {
  const TemporaryDirectory directory;
  core::write_file_atomically(directory / "prompts/empty.yaml",
                              "templates: ['{}']\nnegative: ['{category}']\npositive: {carpet: {hole: ['a hole']}}\n");
  const SmallBatch batch(directory, {{},
                                     {"prompts.sets=[descibed]"},
                                     {"prompts.sets=[empty]", "prompts.folder=" + (directory / "prompts").string()},
                                     {"fusion=subtract", "detector.coreset_ratio=1"},
                                     {"fusion=power"}});
  Session session(test_installation(), cache_in(directory / "cache"));
  const auto outcomes = batch.run(session, directory / "runs");
  for (const std::size_t good : {0u, 4u}) {
    EXPECT_FALSE(outcomes[good].error);
    EXPECT_TRUE(fs::exists(outcomes[good].folder / "metrics.csv"));
  }
  const auto fails = [&](std::size_t i) { return [&outcomes, i] { std::rethrow_exception(outcomes[i].error); }; };
  test::expect_error<core::DataError>(fails(1), {"descibed", "described"});
  test::expect_error<core::DataError>(fails(2), {"empty.yaml"});
  test::expect_error<core::ConfigError>(fails(3), {"fusion.rule", "scale"});
  for (const char* failed : {"1", "2", "3"}) EXPECT_FALSE(fs::exists(directory / "runs" / failed)) << failed;
  EXPECT_THAT(leftovers_in(directory / "runs"), IsEmpty());
}

TEST(JobBatch, AFolderThatAppearsMeanwhileIsKept) {
  const TemporaryDirectory directory;
  const SmallBatch batch(directory, {{}});
  core::write_file_atomically(directory / "runs/0/metrics.csv", "of another");
  Session session(test_installation(), cache_in(""));
  const auto outcomes = batch.run(session, directory / "runs");
  EXPECT_FALSE(outcomes[0].error);
  EXPECT_EQ(outcomes[0].folder, directory / "runs/0");
  EXPECT_EQ(core::read_file(directory / "runs/0/metrics.csv"), "of another");
  EXPECT_THAT(leftovers_in(directory / "runs"), IsEmpty());
}

TEST(JobBatch, FoldersOfASweepHoldWhatARunsFolderHolds) {
  const TemporaryDirectory directory;
  const SmallBatch batch(directory, {{"run.panels=true"}, {}});
  Session session(test_installation(), cache_in(directory / "cache"));
  batch.run(session, directory / "runs");
  for (const char* file : {".hydra/config.yaml", "config.resolved.yaml", "manifest.json", "status.json", "metrics.csv",
                           "scores.csv", "tables/summary.csv", "log", "images/carpet_thread.png"}) {
    EXPECT_GT(fs::file_size(directory / "runs/0" / file), 0u) << file;
  }
  EXPECT_THAT(core::read_file(directory / "runs/0/status.json"), HasSubstr("\"done\""));
  EXPECT_THAT(core::read_file(directory / "runs/1/log"), HasSubstr("carpet: fitting patchcore on 4"));
  EXPECT_THAT(core::read_file(directory / "runs/0/.hydra/hydra.yaml"), HasSubstr((directory / "runs/0").string()));
  // Panels are for single runs, unless they are asked for.
  EXPECT_FALSE(fs::exists(directory / "runs/1/images"));
}

TEST(BatchKey, TellsApartWhatCannotShareAPass) {
  const auto key = [](const Overrides& overrides) { return batch_key(job_of(overrides)); };
  const std::string plain = key({});
  for (const Overrides& same : std::vector<Overrides>{{"fusion=power"},
                                                      {"prompts=name_only"},
                                                      {"detector=padim"},
                                                      {"seed=4"},
                                                      {"normality.temperature=3"},
                                                      {"normality.sup_blur_sigma_px=1"}}) {
    EXPECT_EQ(key(same), plain) << same.front();
  }
  for (const Overrides& other : std::vector<Overrides>{
           {"clip=micro_clip_fine"}, {"dataset.seed=3"}, {"normality=clip_tokens", "normality.taps=[2]"}}) {
    EXPECT_NE(key(other), plain) << other.front();
  }
}

}  // namespace
}  // namespace normadd::experiment
