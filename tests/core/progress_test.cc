// SPDX-License-Identifier: Apache-2.0
#include "core/progress.h"

#include <gtest/gtest.h>

namespace normadd::core {
namespace {

TEST(DurationText, RoundsAndPicksUnits) {
  EXPECT_EQ(duration_text(0), "0s");
  EXPECT_EQ(duration_text(-3), "0s");
  EXPECT_EQ(duration_text(12.4), "12s");
  EXPECT_EQ(duration_text(59.6), "1m 00s");
  EXPECT_EQ(duration_text(65), "1m 05s");
  EXPECT_EQ(duration_text(3599.6), "1h 00m");
  EXPECT_EQ(duration_text(7380), "2h 03m");
}

TEST(Progress, SaysNothingWhenDisabled) {
  testing::internal::CaptureStderr();
  {
    Progress progress("coreset", 3);
    progress.note("loss 0.5");
    for (int i = 0; i < 5; ++i) progress.advance();
    Progress none("empty", 0);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace normadd::core
