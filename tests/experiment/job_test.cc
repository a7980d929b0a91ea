// SPDX-License-Identifier: Apache-2.0
#include "experiment/job.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "experiment/small_run.h"
#include "support/expect_error.h"

namespace normadd::experiment {
namespace {

TEST(Job, DefaultConfigurationIsValid) {
  const Job job = job_of({});
  EXPECT_EQ(job.backbone.name, "micro_resnet");
  EXPECT_EQ(job.fusion_name, "product");
  EXPECT_EQ(job.prompts.sets, std::vector<std::string>{"described"});
}

TEST(Job, EveryShippedGroupOptionIsValid) {
  for (const std::string fusion : {"product", "power", "threshold", "subtract", "none"}) {
    EXPECT_EQ(job_of({"fusion=" + fusion}).fusion_name, fusion);
  }
  EXPECT_EQ(job_of({"prompts=all"}).prompts.sets.size(), 3u);
  EXPECT_EQ(job_of({"experiment=demo"}).options.controls.size(), 5u);
  const BackboneOptions backbone = job_of({"backbone=wide_resnet50_2", "backbone.weights=w"}).backbone;
  EXPECT_FALSE(backbone.crop_px.has_value());  // for the detector's profile to say
  EXPECT_TRUE(backbone.taps.empty());
}

TEST(Job, IdentityIgnoresWhereAndHowFastButNotWhat) {
  const std::string id = job_of({}).id;
  EXPECT_EQ(job_of({"run.dir=/elsewhere", "threads=1", "run.batch_size=1", "cache.dir=x"}).id, id);
  EXPECT_NE(job_of({"seed=1"}).id, id);
  EXPECT_NE(job_of({"run.load_detectors=/elsewhere"}).id, id);  // fitted by who knows which job
  EXPECT_NE(job_of({"fusion.lambda=0.5"}).id, id);
}

TEST(Job, FurtherDetectorsHaveLabels) {
  const auto detectors = job_of({"+detector@detectors.wide=patchcore", "detectors.wide.coreset_ratio=0.5"}).detectors;
  ASSERT_EQ(detectors.size(), 2u);
  EXPECT_EQ(detectors[0].label, "patchcore");
  EXPECT_EQ(detectors[0].key, "detector");
  EXPECT_EQ(detectors[1].label, "wide");
  EXPECT_EQ(detectors[1].key, "detectors.wide");
  test::expect_error<core::ConfigError>([] { job_of({"+detector@detectors.patchcore=patchcore"}); },
                                        {"detectors.patchcore", "two detectors"});
  test::expect_error<core::ConfigError>([] { job_of({"+detectors.wide=patchcore"}); },
                                        {"detectors.wide", "+detector@detectors.wide="});
  test::expect_error<core::ConfigError>([] { job_of({"detectors=patchcore"}); }, {"detectors", "map"});
  test::expect_error<core::ConfigError>([] { job_of({"+detector@detectors.a/b=patchcore"}); }, {"a/b"});
}

TEST(Job, UnknownKeyNamesTheNearest) {
  test::expect_error<core::ConfigError>([] { job_of({"+sead=1"}); }, {"sead", "seed"});
  test::expect_error<core::ConfigError>([] { job_of({"+backbone.tap=x"}); }, {"tap", "taps"});
  test::expect_error<core::ConfigError>([] { job_of({"backbone.tap=x"}); }, {"backbone.tap", "backbone.taps"});
}

TEST(Job, UnknownGroupOptionNamesTheNearest) {
  test::expect_error<core::ConfigError>([] { job_of({"fusion=prodct"}); }, {"fusion", "product"});
  test::expect_error<core::ConfigError>([] { job_of({"datset=demo"}); }, {"datset", "dataset"});
}

TEST(Job, WrongTypeAndRangeNameTheKey) {
  test::expect_error<core::ConfigError>([] { job_of({"seed=often"}); }, {"seed"});
  test::expect_error<core::ConfigError>([] { job_of({"run.batch_size=0"}); }, {"run.batch_size"});
  test::expect_error<core::ConfigError>([] { job_of({"backbone.filter=sinc"}); }, {"backbone.filter", "lanczos"});
}

TEST(Job, ATildeThatTheShellLeftIsRefused) {
  test::expect_error<core::ConfigError>([] { job_of({"run.root=~/runs"}); }, {"run.root", "$HOME/runs"});
  test::expect_error<core::ConfigError>([] { job_of({"dataset=mvtec_ad", "dataset.root=~"}); }, {"dataset.root"});
}

TEST(Job, NamesGivenTwiceOrNotAtAllAreRefused) {
  test::expect_error<core::ConfigError>([] { job_of({"controls=[random,none,random]"}); }, {"controls", "'random'"});
  test::expect_error<core::ConfigError>([] { job_of({"prompts.sets=[a,a]"}); }, {"prompts.sets", "'a'"});
  test::expect_error<core::ConfigError>([] { job_of({"prompts.sets=[]"}); }, {"prompts.sets"});
  test::expect_error<core::ConfigError>([] { job_of({"controls=[ranom]"}); }, {"ranom", "random"});
}

TEST(Job, MissingRequiredValueSaysHowToSetIt) {
  test::expect_error<core::ConfigError>([] { job_of({"backbone=resnet18"}); }, {"backbone.weights"});
}

}  // namespace
}  // namespace normadd::experiment
