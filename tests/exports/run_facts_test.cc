// SPDX-License-Identifier: Apache-2.0
#include "exports/run_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "exports/small_run.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::exports {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::vector<std::string> names_of(const RunFacts& facts) {
  std::vector<std::string> names;
  for (const auto& metric : facts.metrics) {
    std::string name;
    for (const auto& part : metric.parts) name += (name.empty() ? "" : "/") + part;
    names.push_back(name);
  }
  return names;
}

TEST(RunFacts, NamesLeaveOutWhatTheRunHasOnlyOnceAndKeepControlsApart) {
  const test::TemporaryDirectory directory;
  const auto run = test::SmallRun().listed(directory / "r");
  EXPECT_THAT(names_of(read_run_facts(run, false)),
              ElementsAre("mean/image_auroc_original", "bolt/image_auroc_original", "mean/image_auroc_gain",
                          "bolt/bent/image_auroc_gain"));
  EXPECT_THAT(names_of(read_run_facts(run, true)), Contains("constant/bolt/bent/image_auroc_gain"));
}

TEST(RunFacts, UndefinedValuesAreCountedAndParametersAreLeaves) {
  const test::TemporaryDirectory directory;
  const RunFacts facts = read_run_facts(test::SmallRun().listed(directory / "r"), false);
  EXPECT_EQ(facts.num_undefined, 2u);  // of the category, and the mean over it
  std::vector<std::string> parameters;
  for (const auto& [name, value] : facts.parameters) parameters.push_back(name + "=" + parameter_text(value));
  EXPECT_THAT(parameters, ElementsAre("dataset.name=demo", "detector.name=patchcore", "detector.shots=null",
                                      "detector.taps=[1, 2]", "detector.exact=true", "detector.ratio=0.1", "seed=3"));
  EXPECT_EQ(facts.start_s, 1795630436);
  ASSERT_EQ(facts.panels.size(), 1u);
  EXPECT_EQ(facts.panels[0].added, "bent");
}

TEST(RunFacts, TheUidNamesAnExecution) {
  const test::TemporaryDirectory directory;
  test::SmallRun small;
  const auto uid = [&](const char* name) { return read_run_facts(small.listed(directory / name), false).uid; };
  const std::string first = uid("a");
  EXPECT_EQ(uid("copy"), first);
  small.started = "2026-11-25T18:13:57+0000";
  EXPECT_NE(uid("again"), first);
}

TEST(RunFacts, APanelOutsideTheRunIsNotTaken) {
  const test::TemporaryDirectory directory;
  core::write_file_atomically(directory / "secret_x.png", test::small_png());
  test::SmallRun small;
  small.category = "../../secret";
  small.added = "x";
  EXPECT_TRUE(read_run_facts(small.listed(directory / "r"), false).panels.empty());
}

TEST(RunFacts, TimesWithOffsets) {
  EXPECT_EQ(seconds_of_time("1970-01-01T00:00:10+0000", ""), 10);
  EXPECT_EQ(seconds_of_time("1970-01-01T02:00:00+0130", ""), 1800);
  EXPECT_EQ(seconds_of_time("1970-01-01T00:00:00-0100", ""), 3600);
  test::expect_error<core::DataError>([] { seconds_of_time("yesterday", "status.json"); },
                                      {"yesterday", "status.json"});
}

}  // namespace
}  // namespace normadd::exports
