// SPDX-License-Identifier: Apache-2.0
#include "reporting/changed_keys.h"

#include <gtest/gtest.h>

#include "config/compose.h"

namespace normadd::reporting {
namespace {

ListedRun run_of(const std::string& resolved, std::vector<std::pair<std::string, std::string>> choices = {},
                 const std::string& composed = "{}") {
  ListedRun run;
  run.resolved = config::parse_yaml(resolved, "resolved.yaml");
  run.composed = config::parse_yaml(composed, "composed.yaml");
  run.choices = std::move(choices);
  return run;
}

std::vector<std::string> names(const std::vector<ChangedKey>& keys) {
  std::vector<std::string> result;
  for (const auto& key : keys) result.push_back(key.key);
  return result;
}

using Strings = std::vector<std::string>;

TEST(ChangedKeys, AKeyThatDiffersWithItsValues) {
  const auto keys = changed_keys({run_of("{fusion: {rule: product, lambda: 0.5}, side: [a, 2]}"),
                                  run_of("{fusion: {rule: product, lambda: 1.0}, side: [a, 2]}"),
                                  run_of("{fusion: {rule: product}, side: [a, 3]}")});
  ASSERT_EQ(names(keys), (Strings{"fusion.lambda", "side"}));
  EXPECT_EQ(keys[0].values, (Strings{"0.5", "1", ""}));
  EXPECT_EQ(keys[1].values, (Strings{"[a, 2]", "[a, 2]", "[a, 3]"}));
}

TEST(ChangedKeys, WhatCannotChangeANumberIsLeftOut) {
  EXPECT_TRUE(changed_keys({run_of("{seed: 1, threads: 1, run: {dir: a}, cache: {dir: b}, launcher: {name: local}}"),
                            run_of("{seed: 2, threads: 2, run: {dir: c}, cache: {dir: d}, launcher: {name: slurm}}")})
                  .empty());
}

TEST(ChangedKeys, AChoiceStandsForTheKeysThatItDecides) {
  const auto keys =
      changed_keys({run_of("{detector: {name: padim, dims: 100}}", {{"detector", "padim"}}),
                    run_of("{detector: {name: patchcore, coreset_ratio: 0.1}}", {{"detector", "patchcore"}}),
                    run_of("{detector: {name: patchcore, coreset_ratio: 0.01}}", {{"detector", "patchcore"}})});
  ASSERT_EQ(names(keys), (Strings{"detector", "detector.coreset_ratio"}));
  EXPECT_EQ(keys[0].values, (Strings{"padim", "patchcore", "patchcore"}));
  EXPECT_EQ(keys[1].values, (Strings{"", "0.1", "0.01"}));
}

TEST(ChangedKeys, AChoiceDoesNotHideKeysOfOtherSections) {
  const auto keys = changed_keys({run_of("{detector: {name: padim}, lambda: 1}", {{"detector", "padim"}}),
                                  run_of("{detector: {name: patchcore}, lambda: 2}", {{"detector", "patchcore"}})});
  EXPECT_EQ(names(keys), (Strings{"detector", "lambda"}));
}

TEST(ChangedKeys, AnInterpolationFollowsItsTarget) {
  const std::string composed = "{clip: {path: a}, normality: {dense_layers: '${clip.path}/layers'}}";
  const auto keys = changed_keys({run_of("{clip: {path: a}, normality: {dense_layers: a/layers}}", {}, composed),
                                  run_of("{clip: {path: b}, normality: {dense_layers: b/layers}}", {}, composed)});
  EXPECT_EQ(names(keys), (Strings{"clip.path"}));
}

TEST(ChangedKeys, AGroupWithAPackageFillsThatSection) {
  const auto keys =
      changed_keys({run_of("{detectors: {second: {name: padim}}}", {{"detector@detectors.second", "padim"}}),
                    run_of("{detectors: {second: {name: winclip}}}", {{"detector@detectors.second", "winclip"}})});
  EXPECT_EQ(names(keys), (Strings{"detector@detectors.second"}));
}

TEST(ChangedKeys, KeysThatChangeTogetherNameTheFirst) {
  const auto keys =
      changed_keys({run_of("{a: 1, b: x, c: 1}"), run_of("{a: 2, b: y, c: 1}"), run_of("{a: 2, b: y, c: 2}")});
  ASSERT_EQ(names(keys), (Strings{"a", "b", "c"}));
  EXPECT_EQ(keys[0].follows, "");
  EXPECT_EQ(keys[1].follows, "a");
  EXPECT_EQ(keys[2].follows, "");
}

TEST(ChangedKeys, EqualRunsHaveNone) {
  EXPECT_TRUE(changed_keys({run_of("{a: 1}"), run_of("{a: 1}")}).empty());
  EXPECT_TRUE(changed_keys({}).empty());
}

}  // namespace
}  // namespace normadd::reporting
