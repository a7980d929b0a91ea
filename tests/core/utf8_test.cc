// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <gtest/gtest.h>

namespace normadd::core {
namespace {

TEST(ValidUtf8, KeepsWhatIsValidAndReplacesTheRest) {
  EXPECT_EQ(valid_utf8(""), "");
  EXPECT_EQ(valid_utf8("plain \"text\" \\ /"), "plain \"text\" \\ /");
  EXPECT_EQ(valid_utf8("Größe 大 😀"), "Größe 大 😀");
  EXPECT_EQ(valid_utf8("b\xff.png"), "b\uFFFD.png");
  EXPECT_EQ(valid_utf8("cut \xe5\xa4"), "cut \uFFFD");
}

}  // namespace
}  // namespace normadd::core
