// SPDX-License-Identifier: Apache-2.0
// The shipped ablations: what they sweep over, and searches over the same keys.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "experiment/component_checks.h"
#include "reporting/ablation_table.h"
#include "reporting/run_listing.h"
#include "small_sweep.h"
#include "sweeps/search.h"

namespace normadd::sweeps {
namespace {

config::ComposeRequest request_of(const std::vector<std::string>& overrides) {
  ::setenv("NORMADD_HOME", NORMADD_SOURCE_DIR, 1);
  config::ComposeRequest request;
  request.search_paths = {fs::path(NORMADD_SOURCE_DIR) / "configs"};
  request.overrides = overrides;
  return request;
}

TEST(Experiments, AblationsAskForASweepAndEveryJobIsValid) {
  const std::map<std::string, std::size_t> expected{
      {"prompts", 6}, {"backbones", 4}, {"fusion", 20}, {"threshold", 18}, {"joint", 120}};
  for (const auto& [name, num_jobs] : expected) {
    const auto request = request_of({"experiment=ablation/" + name});
    EXPECT_TRUE(config::asks_for_multirun(request)) << name;
    const auto jobs = config::expand_sweep(request);
    EXPECT_EQ(jobs.size(), num_jobs) << name;
    std::set<std::string> ids;
    for (const auto& overrides : jobs) {
      auto one = request;
      one.overrides = overrides.all;
      const auto job = experiment::make_job(config::compose(one));
      EXPECT_NO_THROW(experiment::check_components(job));
      ids.insert(job.id);
    }
    EXPECT_EQ(ids.size(), num_jobs) << name;
  }
}

TEST(Experiments, AnAblationsTableHasItsKeysAsColumnsAndMeansOverSeeds) {
  const test::TemporaryDirectory directory;
  const auto run = run_sweep(small_jobs(directory, {"fusion=ablation/product_050,ablation/threshold_050", "seed=0,1"}));
  ASSERT_EQ(run.status, 0) << run.errors;
  const auto table = reporting::ablation_table(reporting::list_runs({sweeps_in(directory).front()}), {});
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.columns[0].name, "fusion");
  EXPECT_EQ(table.rows[0].cells[0].text, "ablation/product_050");
  EXPECT_EQ(table.rows[0].cells[1].text, "2");
  EXPECT_NE(run.output.find("\u00b1"), std::string::npos) << run.output;
}

TEST(Searches, RandomTrialsAreTheSameForASeedAndInsideTheSpace) {
  const auto space =
      search_space_of(request_of({"fusion.lambda=interval(0.2,0.4)", "seed=3", "detector=padim,patchcore"}));
  SweeperOptions options;
  options.n_trials = 30;
  const auto first = random_trials(space, options), second = random_trials(space, options);
  ASSERT_EQ(first.size(), 30u);
  std::set<std::string> detectors;
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].all, second[i].all);
    ASSERT_EQ(first[i].chosen.size(), 2u);
    const double lambda = std::stod(first[i].chosen[0].substr(std::string("fusion.lambda=").size()));
    EXPECT_TRUE(lambda >= 0.2 && lambda <= 0.4);
    detectors.insert(first[i].chosen[1]);
  }
  EXPECT_EQ(detectors.size(), 2u);
  options.seed = 1;
  EXPECT_NE(random_trials(space, options)[0].all, first[0].all);
}

TEST(Searches, ARandomSearchTellsItsBest) {
  const test::TemporaryDirectory directory;
  const auto run = run_sweep(
      small_jobs(directory, {"sweeper=random", "sweeper.n_trials=3", "fusion.lambda=tag(log,interval(0.01,1))"}));
  ASSERT_EQ(run.status, 0) << run.errors;
  EXPECT_NE(run.output.find("Best, image_auroc_gain"), std::string::npos) << run.output;
  const auto results = config::read_yaml(sweeps_in(directory).front() / "optimization_results.yaml");
  EXPECT_NE(results.find_path("best_value"), nullptr);
}

TEST(Searches, ATpeSearchGoesOnWhereItWasKilledAndAsksNothingTwice) {
  core::SubprocessRequest version;
  version.command = {"optuna", "--version"};
  if (!core::run_subprocess(version).ok()) GTEST_SKIP() << "needs Optuna's command line (pip install optuna)";
  const test::TemporaryDirectory directory;
  const auto search = [&](int n_trials) {
    return run_sweep(small_jobs(directory, {"sweeper=tpe", "sweeper.n_trials=" + std::to_string(n_trials),
                                            "sweeper.n_startup_trials=2", "fusion.lambda=interval(0,1)"}));
  };
  const auto first = search(2), more = search(4), again = search(4);
  ASSERT_EQ(more.status, 0) << more.errors;
  EXPECT_EQ(again.output, more.output);
  // Startup draws differ although each call seeds its sampler anew.
  const auto table = reporting::ablation_table(reporting::list_runs({directory / "sweeps"}), {});
  EXPECT_EQ(table.rows.size(), 4u) << first.output << more.output;
}

}  // namespace
}  // namespace normadd::sweeps
