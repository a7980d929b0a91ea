// SPDX-License-Identifier: Apache-2.0
#include "stages/stage_key.h"

#include <gtest/gtest.h>

namespace normadd::stages {
namespace {

TEST(StageKey, DependsOnStageVersionAndInputsAndNothingElse) {
  const auto key = [] { return StageKey("fit", 1).with("seed", "3").with("data", "abc"); };
  EXPECT_EQ(key().hash(), StageKey("fit", 1).with("data", "abc").with("seed", "3").hash());
  EXPECT_EQ(key().hash(), key().labelled("patchcore, carpet").hash());
  EXPECT_NE(key().hash(), StageKey("maps", 1).with("seed", "3").with("data", "abc").hash());
  EXPECT_NE(key().hash(), StageKey("fit", 2).with("seed", "3").with("data", "abc").hash());
  EXPECT_NE(key().hash(), StageKey("fit", 1).with("seed", "4").with("data", "abc").hash());
  EXPECT_EQ(key().hash().size(), 32u);
}

TEST(StageKey, BordersBetweenInputsCount) {
  EXPECT_NE(StageKey("fit", 1).with("a", "b1 c").hash(), StageKey("fit", 1).with("a", "b").with("c", "").hash());
  EXPECT_NE(StageKey("fit", 1).with("a", "bc").hash(), StageKey("fit", 1).with("ab", "c").hash());
}

}  // namespace
}  // namespace normadd::stages
