// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <gtest/gtest.h>

#include <regex>

#include "core/atomic_file.h"
#include "core/error.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

TEST(LogFile, GetsEveryLineWithTimeUntilItsEnd) {
  test::TemporaryDirectory directory;
  testing::internal::CaptureStderr();
  {
    const LogFile file(directory / "run/log");
    set_quiet(true);
    log_info("fitting");
    log_warning("no masks");
    set_quiet(false);
  }
  log_info("afterwards");
  const std::string terminal = testing::internal::GetCapturedStderr();
  EXPECT_EQ(terminal, "warning: no masks\nafterwards\n");
  const std::regex expected(
      R"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]\[normadd\]\[INFO\] - fitting\n\[.*\]\[normadd\]\[WARNING\] - no masks\n)");
  EXPECT_TRUE(std::regex_match(read_file(directory / "run/log"), expected)) << read_file(directory / "run/log");
}

TEST(LogFile, UnwritablePlaceIsAnOutputError) {
  test::TemporaryDirectory directory;
  write_file_atomically(directory / "plain", "x");
  test::expect_error<OutputError>([&] { LogFile file(directory / "plain/log"); }, {"plain"});
}

}  // namespace
}  // namespace normadd::core
