// SPDX-License-Identifier: Apache-2.0
#include "exports/mlflow_push.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/progress.h"
#include "exports/fake_mlflow.h"
#include "exports/mlflow_batches.h"
#include "exports/small_run.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::exports {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Pair;

MlflowServer server_at(const std::string& url) {
  return {.tracking_uri = url, .login = {}, .certificates = {}, .attempts = 3, .first_pause_s = 0.001};
}

MlflowPush push(const std::filesystem::path& folder, const std::string& url, const MlflowPushOptions& options = {}) {
  core::Progress::set_enabled(false);
  return push_mlflow(reporting::list_runs({folder}, true), MlflowClient(server_at(url)), options);
}

void write_sweep(const std::filesystem::path& folder, int num_jobs) {
  core::write_file_atomically(folder / "sweep.json", "{\"identity\": \"ab\", \"created\": \"now\", \"num_jobs\": " +
                                                         std::to_string(num_jobs) + ", \"overrides\": [\"a=1\"]}\n");
  for (int i = 0; i < 2; ++i) {
    test::SmallRun job;
    job.id = "job" + std::to_string(i);
    job.num_more_metrics = 1200;
    job.write(folder / std::to_string(i));
  }
}

/// Every metric once, and none too few.
void expect_whole(const test::FakeMlflow& server, std::size_t num_runs) {
  EXPECT_THAT(server.violations(), IsEmpty());
  ASSERT_EQ(server.runs().size(), num_runs);
  for (const auto& run : server.runs()) {
    SCOPED_TRACE(run.name);
    EXPECT_EQ(run.status, "FINISHED");
    std::set<std::string> keys;
    for (const auto& [key, value] : run.metrics) EXPECT_TRUE(keys.insert(key).second) << key << " twice";
    if (run.name.starts_with("sweep")) {
      EXPECT_THAT(run.parameters, Contains(Pair("sweep.overrides", "[\"a=1\"]")));
      EXPECT_THAT(run.files, Contains(Key("sweep.json")));
      continue;
    }
    EXPECT_EQ(keys.size(), 4u + 2u * 1200u);
    EXPECT_EQ(run.parameters.size(), 7u);
    EXPECT_THAT(run.files, Contains(Key("metrics.csv")));
    EXPECT_THAT(run.files, Contains(Key("tables/summary.md")));
    EXPECT_THAT(run.files, Contains(Pair("images/bolt_bent.png", test::small_png())));
    EXPECT_THAT(run.tags, Contains(Pair("mlflow.parentRunId", "r0")));
  }
}

TEST(MlflowPush, SendsASweepAsParentAndChildren) {
  const test::TemporaryDirectory directory;
  write_sweep(directory / "s", 2);
  test::FakeMlflow server;
  const auto report = push(directory / "s", server.url());
  expect_whole(server, 3);
  EXPECT_EQ(report.num_created, 3u);
  EXPECT_EQ(report.num_undefined, 4u);
  EXPECT_THAT(server.runs()[1].metrics, Contains(Pair("bolt/bent/image_auroc_gain", 0.25)));
  EXPECT_THAT(server.experiments(), ElementsAre("normadd"));

  const auto again = push(directory / "s", server.url());
  expect_whole(server, 3);
  EXPECT_EQ(again.num_unchanged, 3u);
  EXPECT_EQ(again.num_metrics + again.num_parameters + again.num_files, 0u);
}

TEST(MlflowPush, AnUnfinishedSweepStaysRunningUntilItsLastJobIsThere) {
  const test::TemporaryDirectory directory;
  write_sweep(directory / "s", 3);
  test::FakeMlflow server;
  push(directory / "s", server.url());
  EXPECT_EQ(server.runs()[0].status, "RUNNING");
  test::SmallRun last;
  last.id = "last";
  last.num_more_metrics = 1200;
  last.write(directory / "s" / "2");
  EXPECT_EQ(push(directory / "s", server.url()).num_created, 1u);
  expect_whole(server, 4);
}

TEST(MlflowPush, RepetitionsAreRunsOfTheirOwnAndCopiesAreNot) {
  const test::TemporaryDirectory directory;
  test::SmallRun small;
  small.write(directory / "runs" / "first");
  small.write(directory / "runs" / "copy");
  small.started = "2026-11-26T18:13:56+0000";
  small.write(directory / "runs" / "second");
  test::FakeMlflow server;
  EXPECT_EQ(push(directory / "runs", server.url()).num_created, 2u);
  EXPECT_EQ(server.runs().size(), 2u);
}

// Whichever request is the last that gets through, answered or not: the next push makes it whole.
TEST(MlflowPush, CutOffAtAnyRequestItIsCompletedByTheNext) {
  const test::TemporaryDirectory directory;
  write_sweep(directory / "s", 2);
  std::size_t num_requests = 0;
  {
    test::FakeMlflow server;
    push(directory / "s", server.url());
    num_requests = server.num_requests();
  }
  ASSERT_GT(num_requests, 20u);
  for (std::size_t last = 0; last < num_requests; ++last) {
    for (const bool after : {false, true}) {
      SCOPED_TRACE(testing::Message() << "request " << last << (after ? " took effect" : " did not arrive"));
      test::FakeMlflow server;
      server.trouble = [&](std::size_t number, const auto&) -> std::optional<test::FakeMlflow::Trouble> {
        if (number < last) return std::nullopt;
        return test::FakeMlflow::Trouble{{.status = 500}, after && number == last};
      };
      EXPECT_THROW(push(directory / "s", server.url()), MlflowError);
      server.trouble = nullptr;
      push(directory / "s", server.url());
      expect_whole(server, 3);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(MlflowPush, ABusyServerIsAskedAgainButARunIsNotMadeTwice) {
  const test::TemporaryDirectory directory;
  test::SmallRun().write(directory / "r");
  test::FakeMlflow server;
  std::set<std::string> refused;
  server.trouble = [&](std::size_t, const test::ServedRequest& request) -> std::optional<test::FakeMlflow::Trouble> {
    if (!refused.insert(request.method + request.target).second) return std::nullopt;
    return test::FakeMlflow::Trouble{{.status = 503}, false};
  };
  push(directory / "r", server.url());
  EXPECT_EQ(server.runs().size(), 1u);
  EXPECT_EQ(server.runs()[0].status, "FINISHED");

  test::FakeMlflow cutting;
  cutting.trouble = [&](std::size_t, const test::ServedRequest& request) -> std::optional<test::FakeMlflow::Trouble> {
    if (!request.target.ends_with("runs/create")) return std::nullopt;
    return test::FakeMlflow::Trouble{{.raw = ""}, true};
  };
  EXPECT_THROW(push(directory / "r", cutting.url()), http::Unreachable);
  cutting.trouble = nullptr;
  EXPECT_EQ(push(directory / "r", cutting.url()).num_completed, 1u);
  EXPECT_EQ(cutting.runs().size(), 1u);
}

TEST(MlflowPush, HostileNamesAndLongTextsKeepToTheLimits) {
  const test::TemporaryDirectory directory;
  test::SmallRun small;
  small.category = "../größe <script>\"%&";
  small.added = std::string(300, 'x');
  small.more_configuration = "long: \"" + std::string(7000, 'y') + "\"\n\"ключ/../<b>\": \"\"\n";
  small.write(directory / "r");
  core::write_file_atomically(directory / "r" / "tables" / "a b%2e%2e#?<.md", "hostile");
  test::FakeMlflow server;
  const auto report = push(directory / "r", server.url(), {.experiment = "größe / %", .user = "me", .controls = true});
  EXPECT_THAT(server.violations(), IsEmpty());
  EXPECT_THAT(server.experiments(), ElementsAre("größe / %"));
  EXPECT_EQ(report.num_cut, 1u);
  ASSERT_EQ(server.runs().size(), 1u);
  EXPECT_EQ(server.runs()[0].metrics.size(), 6u);
  EXPECT_EQ(server.runs()[0].parameters.size(), 9u);
  EXPECT_THAT(server.runs()[0].files, Contains(Pair(testing::StartsWith("tables/a b_2e_2e"), "hostile")));
  EXPECT_EQ(
      push(directory / "r", server.url(), {.experiment = "größe / %", .user = "me", .controls = true}).num_unchanged,
      1u);
}

TEST(MlflowBatches, KeepWithinBytesAndCounts) {
  MlflowEntries entries;
  for (int i = 0; i < 400; ++i) entries.parameters.emplace_back("p" + std::to_string(i), std::string(6000, '"'));
  for (int i = 0; i < 2500; ++i) entries.metrics.emplace_back("m" + std::to_string(i), 0.1);
  std::size_t num_metrics = 0, num_parameters = 0;
  for (const auto& body : mlflow_batches("r", entries, 1)) {
    EXPECT_LE(body.size(), 1'000'000u);
    const auto json = nlohmann::json::parse(body);
    EXPECT_LE(json["metrics"].size() + json["params"].size(), 1000u);
    EXPECT_LE(json["params"].size(), 100u);
    num_metrics += json["metrics"].size();
    num_parameters += json["params"].size();
  }
  EXPECT_EQ(num_metrics, 2500u);
  EXPECT_EQ(num_parameters, 400u);
  EXPECT_THAT(mlflow_batches("r", {}, 1), IsEmpty());
}

}  // namespace
}  // namespace normadd::exports
