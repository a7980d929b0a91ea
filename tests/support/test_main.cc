// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/progress.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  normadd::core::Progress::set_enabled(false);
  return RUN_ALL_TESTS();
}
