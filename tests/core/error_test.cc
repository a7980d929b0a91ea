// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace normadd::core {
namespace {

TEST(Error, TextIsPlaceSentenceAndHint) {
  const ConfigError error("there is no key 'sede'", "config.yaml:3", "Did you mean 'seed'?");
  EXPECT_STREQ(error.what(), "config.yaml:3: there is no key 'sede'\n  Did you mean 'seed'?");
  EXPECT_EQ(error.message(), "there is no key 'sede'");
  EXPECT_EQ(error.where(), "config.yaml:3");
  EXPECT_EQ(error.hint(), "Did you mean 'seed'?");
  EXPECT_STREQ(DataError("the image is truncated", "", "").what(), "the image is truncated");
}

TEST(Error, ExitCodesTellUsersFaultsFromOurs) {
  EXPECT_EQ(ConfigError("x", "", "").exit_code(), 2);
  EXPECT_EQ(DataError("x", "", "").exit_code(), 2);
  EXPECT_EQ(WeightsError("x", "", "").exit_code(), 2);
  EXPECT_EQ(OutputError("x", "", "").exit_code(), 2);
  EXPECT_EQ(InternalError("x", "", "").exit_code(), 3);
}

TEST(Check, NamesExpressionValuesAndPlace) {
  const int rows = 3;
  test::expect_error<InternalError>([&] { NORMADD_CHECK(rows == 4, "rows is " + std::to_string(rows)); },
                                    {"rows == 4", "rows is 3", "error_test.cc:"});
  EXPECT_NO_THROW(NORMADD_CHECK(rows == 3, ""));
}

}  // namespace
}  // namespace normadd::core
