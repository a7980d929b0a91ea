// SPDX-License-Identifier: Apache-2.0
#include "config/sweep_expansion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "config/override_grammar.h"
#include "config/override_text.h"
#include "config/value_json.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::config {
namespace {

using Strings = std::vector<std::string>;

class SweepExpansionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write("config.yaml",
          "defaults:\n  - detector: padim\n  - launcher: local\n  - _self_\n  - experiment: null\nseed: 0\nrate: "
          "0.5\nrun:\n  dir: null\n");
    write("detector/padim.yaml", "name: padim\n");
    write("detector/patchcore.yaml", "name: patchcore\nratio: 0.1\n");
    write("launcher/local.yaml", "workers: 1\n");
    write("launcher/slurm.yaml", "partition: null\n");
    write("experiment/grid.yaml",
          "# @package _global_\nrate: 0.7\nhydra:\n  mode: MULTIRUN\n  run:\n    dir: there\n  sweeper:\n    params:\n"
          "      detector: padim,patchcore\n      seed: [1, 2]\n      +extra: range(2)\n");
  }
  void write(const std::string& name, const std::string& text) { core::write_file_atomically(directory_ / name, text); }
  std::vector<SweptOverrides> expand(const Strings& overrides) const {
    return expand_sweep({{directory_.path()}, "config", overrides});
  }
  ComposedConfig composed(const Strings& overrides) const {
    return compose({{directory_.path()}, "config", overrides});
  }
  const test::TemporaryDirectory directory_;
};

TEST_F(SweepExpansionTest, FirstKeySlowestAndOnlyWhatDiffersIsChosen) {
  const auto jobs = expand({"detector=padim,patchcore", "rate=0.1", "seed=range(2)"});
  ASSERT_EQ(jobs.size(), 4u);
  EXPECT_EQ(jobs[1].all, (Strings{"detector=padim", "rate=0.1", "seed=1"}));
  EXPECT_EQ(jobs[2].chosen, (Strings{"detector=patchcore", "seed=0"}));
}

TEST_F(SweepExpansionTest, WithoutASweepThereIsOneJob) {
  const auto jobs = expand({"rate=0.1"});
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_TRUE(jobs[0].chosen.empty());
}

TEST_F(SweepExpansionTest, TheConfigurationsOwnSweepJoinsInAndTheCommandLineWins) {
  EXPECT_TRUE(composed({"experiment=grid"}).hydra.is_multirun);
  auto jobs = expand({"experiment=grid"});
  ASSERT_EQ(jobs.size(), 8u);
  EXPECT_EQ(jobs[0].all, (Strings{"detector=padim", "seed=1", "+extra=0", "experiment=grid"}));
  EXPECT_EQ(jobs[7].chosen, (Strings{"detector=patchcore", "seed=2", "+extra=1"}));
  jobs = expand({"experiment=grid", "seed=5"});
  ASSERT_EQ(jobs.size(), 4u);
  EXPECT_EQ(jobs[3].all, (Strings{"detector=patchcore", "seed=5", "+extra=1", "experiment=grid"}));
  for (const auto& job : jobs) EXPECT_NO_THROW(composed(job.all));
}

TEST_F(SweepExpansionTest, EveryAppendReachesEveryJob) {
  Strings overrides{"+list=[a]", "list+=b", "list+=c"};
  const auto list_of = [&](const Strings& given) { return override_text(*composed(given).config.find("list")); };
  EXPECT_EQ(list_of(overrides), "[a,b,c]");
  overrides.emplace_back("seed=1,2");
  const auto jobs = expand(overrides);
  ASSERT_EQ(jobs.size(), 2u);
  for (const auto& job : jobs) EXPECT_EQ(list_of(job.all), "[a,b,c]");
}

TEST_F(SweepExpansionTest, HydrasNamesMeanOurs) {
  const auto found = composed({"hydra/launcher=submitit_slurm", "hydra.launcher.partition=gpu", "hydra.run.dir=here",
                               "hydra.mode=MULTIRUN", "hydra.sweeper.params.seed=1,2", "hydra.verbose=true"});
  EXPECT_EQ(found.config.find_path("launcher.partition")->as_string(), "gpu");
  EXPECT_EQ(found.config.find_path("run.dir")->as_string(), "here");
  EXPECT_TRUE(found.hydra.is_multirun);
  EXPECT_EQ(found.config.find("hydra"), nullptr);
  EXPECT_EQ(composed({"experiment=grid"}).config.find_path("run.dir")->as_string(), "there");
  EXPECT_EQ(expand({"hydra.sweeper.params.seed=1,2"}).size(), 2u);
  test::expect_error<core::ConfigError>([&] { composed({"hydra.mod=MULTIRUN"}); }, {"hydra.mode"});
  test::expect_error<core::ConfigError>([&] { composed({"hydra.mode=BOTH"}); }, {"BOTH", "MULTIRUN"});
  write("experiment/wrong.yaml", "# @package _global_\nhydra:\n  sweeper:\n    params: 3\n");
  test::expect_error<core::ConfigError>([&] { composed({"experiment=wrong"}); }, {"wrong.yaml:4"});
  write("experiment/wrong.yaml", "# @package _global_\nhydra:\n  swep:\n    dir: 3\n");
  test::expect_error<core::ConfigError>([&] { composed({"experiment=wrong"}); }, {"hydra.swep.dir", "hydra.sweep.dir"});
}

TEST_F(SweepExpansionTest, AJobCannotChooseWhereItRuns) {
  for (const char* sweep : {"launcher=local,slurm", "launcher.workers=1,2", "hydra/launcher=local,slurm"}) {
    test::expect_error<core::ConfigError>([&] { expand({sweep}); }, {"launcher", "same for all jobs"});
  }
}

TEST_F(SweepExpansionTest, AliasesStandForKeys) {
  write("config.yaml", "defaults:\n  - detector: patchcore\naliases:\n  ratio: detector.ratio\nseed: 0\n");
  EXPECT_EQ(*composed({"ratio=0.5"}).config.find_path("detector.ratio"), Value(0.5));
  EXPECT_EQ(composed({"ratio=0.5"}).config.find("aliases"), nullptr);
  const auto jobs = expand({"ratio=0.1,0.2"});
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(*composed(jobs[1].all).config.find_path("detector.ratio"), Value(0.2));
  const auto expect_refused = [&](const std::string& aliases, const std::string& mentions) {
    write("config.yaml", "seed: 0\naliases: " + aliases + "\n");
    test::expect_error<core::ConfigError>([&] { composed({}); }, {"config.yaml:2", mentions});
  };
  expect_refused("{a: b, b: seed}", "another alias");
  expect_refused("{seed: other}", "is a key");
  expect_refused("3", "not a map");
  expect_refused("{a: 3}", "names no key");
}

TEST_F(SweepExpansionTest, InterpolationsSeeWhatHydraSaysOfTheJob) {
  auto job = composed({"detector=patchcore", "rate=0.1", "+where=${hydra:job.override_dirname}/${hydra:job.num}",
                       "+which=${hydra:runtime.choices.detector}"});
  job.job_number = 7;
  const Value resolved = resolve(job);
  EXPECT_EQ(resolved.find("which")->as_string(), "patchcore");
  const std::string where = resolved.find("where")->as_string();
  EXPECT_TRUE(where.ends_with("/7") && where.find("detector=patchcore,rate=0.1") != std::string::npos) << where;
  EXPECT_EQ(resolved.find("hydra"), nullptr);
  job = composed({"+where=${hydra:job.nmu}"});
  test::expect_error<core::ConfigError>([&] { resolve(job); }, {"job.nmu", "job.num"});
}

TEST_F(SweepExpansionTest, CastsOfOneValueAreNoSweep) {
  EXPECT_EQ(*composed({"seed=int(3.9)"}).config.find("seed"), Value(3));
  EXPECT_EQ(*composed({"+x=json('{\"a\": [1, 2.5, null]}')"}).config.find_path("x.a.1"), Value(2.5));
  test::expect_error<core::ConfigError>([&] { composed({"seed=nosuch(3)"}); }, {"nosuch", "choice"});
}

TEST_F(SweepExpansionTest, ShuffleIsTheSameAtEveryCallAndKeepsEveryValue) {
  const auto first = expand({"seed=shuffle(range(20))"}), second = expand({"seed=shuffle(range(20))"});
  const auto other = expand({"seed=shuffle(range(20),seed=1)"});
  Strings order, sorted;
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].all, second[i].all);
    order.push_back(first[i].all[0]);
    sorted.push_back(expand({"seed=range(20)"})[i].all[0]);
  }
  EXPECT_NE(order, sorted);
  EXPECT_NE(first[0].all == other[0].all && first[1].all == other[1].all && first[2].all == other[2].all, true);
  std::sort(order.begin(), order.end());
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(order, sorted);
}

TEST_F(SweepExpansionTest, AComposerReadsFilesOnceAndComposesTheSame) {
  Composer composer({directory_.path()});
  const auto before = composer.compose("config", {"detector=patchcore"});
  EXPECT_EQ(before.config, composed({"detector=patchcore"}).config);
  write("detector/patchcore.yaml", "name: edited\n");
  EXPECT_EQ(composer.compose("config", {"detector=patchcore"}).config, before.config);
}

TEST(OverrideText, IsReadBackAsTheSameValue) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Value> values{{},
                                  true,
                                  false,
                                  0,
                                  -7,
                                  1.0,
                                  0.1,
                                  1e-7,
                                  infinity,
                                  -infinity,
                                  "",
                                  "a",
                                  "a b",
                                  " a ",
                                  "1",
                                  "1.5",
                                  "true",
                                  "null",
                                  "a,b",
                                  "a=b",
                                  "it's",
                                  "\"x\"",
                                  "back\\",
                                  "\\'",
                                  "a\\'b",
                                  "${a.b}",
                                  "f(x)",
                                  "[1]",
                                  "{a}",
                                  "a:b",
                                  "~",
                                  "é",
                                  "a|b",
                                  "x\\\\",
                                  List{1, "a"},
                                  List{},
                                  List{List{1.0}, "b c"},
                                  MapEntries{{"a", 1}, {"b", "c,d"}},
                                  MapEntries{{"a", List{MapEntries{{"b", Value()}}}}}};
  for (const auto& value : values) {
    const std::string text = override_text(value);
    EXPECT_EQ(parse_value_text(text), value) << text;
    EXPECT_EQ(from_json_line(to_json_line(value), "test"), value) << to_json_line(value);
  }
}

TEST(ValueJson, KeepsFloatsAndRefusesWhatCannotBe) {
  EXPECT_EQ(to_json_line(MapEntries{{"b", 1.0}, {"a", 1}}), R"({"b":1.0,"a":1})");
  EXPECT_TRUE(from_json_line("1.0", "test").is_float());
  EXPECT_TRUE(from_json_line("1", "test").is_integer());
  EXPECT_TRUE(std::isnan(from_json_line(to_json_line(Value(std::nan(""))), "test").as_float()));
  const std::string no_utf8 = "\xff\xfe";
  EXPECT_EQ(from_json_line(to_json_line(Value(no_utf8)), "test"), Value(no_utf8));
  EXPECT_EQ(from_json_line(to_json_line(MapEntries{{"$float", "nan"}}), "test"), Value(MapEntries{{"$float", "nan"}}));
  test::expect_error<core::ConfigError>([] { from_json_line("{", "the file"); }, {"the file"});
}

}  // namespace
}  // namespace normadd::config
