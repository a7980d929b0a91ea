// SPDX-License-Identifier: Apache-2.0
#include "experiment/stage_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "experiment/plan_report.h"
#include "experiment/small_batch.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

using test::TemporaryDirectory;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const JobPlan& plan) {
  std::vector<std::string> names;
  for (const auto& stage : plan.stages) names.push_back(stage.stage);
  return names;
}

TEST(StagePlan, NamesWhatAJobNeedsAndWhatIsThere) {
  const TemporaryDirectory directory;
  const SmallBatch batch(directory, {{"fusion=subtract"}, {"fusion=power"}});
  Session session(test_installation(), cache_in(directory / "cache"));
  const JobPlan before = plan_job(batch.job(0), session);
  EXPECT_FALSE(before.is_result_cached);
  EXPECT_THAT(names_of(before), ElementsAre("detector_fit", "anomaly_maps", "score_scale", "original_metrics",
                                            "image_features", "results"));
  EXPECT_EQ(before.stages[0].label, "fit patchcore, carpet");
  EXPECT_GT(before.stages[0].memory_bytes, 0u);
  for (const auto& stage : before.stages) {
    EXPECT_FALSE(stage.is_cached);
    EXPECT_EQ(stage.seconds, std::nullopt);
  }
  EXPECT_EQ(session.image_passes(), 0u);

  const SmallBatch first(directory, {{"fusion=subtract"}});
  ASSERT_FALSE(first.run(session, directory / "runs").front().error);
  // What was computed is what was planned.
  for (const auto& stage : before.stages)
    EXPECT_EQ(session.cache().counts().at(stage.stage).computed, 1u) << stage.stage;
  EXPECT_TRUE(plan_job(batch.job(0), session).is_result_cached);
  const JobPlan other = plan_job(batch.job(1), session);
  EXPECT_THAT(names_of(other), ElementsAre("anomaly_maps", "original_metrics", "image_features", "results"));
  for (const auto& stage : other.stages) {
    EXPECT_EQ(stage.is_cached, stage.stage != "results");
    EXPECT_TRUE(stage.seconds.has_value()) << stage.stage;
  }
}

TEST(StagePlan, ThrowsWhatTheJobWouldThrow) {
  const TemporaryDirectory directory;
  const SmallBatch batch(directory, {{"prompts.sets=[descibed]"}});
  Session session(test_installation(), cache_in(directory / "cache"));
  test::expect_error<core::DataError>([&] { plan_job(batch.job(0), session); }, {"descibed", "described"});
}

PlannedStage stage(const std::string& name, const std::string& hash, bool is_cached = false,
                   std::optional<double> seconds = {}, std::uint64_t memory = 0) {
  return {name, hash, name, is_cached, seconds, memory};
}

TEST(SharedStagesFirst, PutsEachNewStageBeforeItsUsers) {
  const auto plan = [](const std::string& features, const std::string& maps, const std::string& results) {
    return JobPlan{{stage("anomaly_maps", maps), stage("image_features", features), stage("results", results)}, false};
  };
  const std::vector<JobPlan> plans{plan("f1", "m1", "r0"), plan("f1", "m1", "r1"), plan("f2", "m1", "r2"),
                                   plan("f1", "m1", "r3"), plan("f2", "m2", "r4"), plan("f1", "m2", "r5")};
  EXPECT_THAT(shared_stages_first(plans), ElementsAre(0, 2, 4, 1, 3, 5));
}

TEST(PlanReport, CountsDistinctStagesAndSaysOnWhatTimesRest) {
  const std::vector<JobPlan> plans{
      {{stage("detector_fit", "a", false, 60.0, 3u << 29), stage("image_features", "f", true, 9.0),
        stage("results", "r0", false, 1.0)},
       false},
      {{stage("detector_fit", "a", false, 60.0, 3u << 29), stage("image_features", "f2", false),
        stage("results", "r1", false, 1.0)},
       false},
      {{stage("results", "r2", true, 1.0)}, true},
  };
  EXPECT_THAT(plan_text(plans),
              AllOf(HasSubstr("3 cells, 1 of them finished before"),
                    HasSubstr("detector_fit           1        0        1    1m 00s"),
                    HasSubstr("image_features         2        1        1   unknown"), HasSubstr("more than 1m 02s"),
                    HasSubstr("3 of 4 missing stages"), HasSubstr("1.50 GiB")));
  const auto json = nlohmann::json::parse(plan_json(plans));
  EXPECT_EQ(json["cells"], 3);
  EXPECT_EQ(json["finished"], 1);
  EXPECT_EQ(json["seconds"], 62.0);
  EXPECT_EQ(json["unknown"], 1);
  EXPECT_EQ(json["stages"][1]["cached"], 1);
  EXPECT_THAT(plan_text(std::vector<JobPlan>{plans[2]}), HasSubstr("Nothing is left to compute."));
}

}  // namespace
}  // namespace normadd::experiment
