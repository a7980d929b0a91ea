// SPDX-License-Identifier: Apache-2.0
#include "exports/tensorboard_events.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "exports/small_run.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::exports {
namespace {

constexpr double kTime = 1795630436;

HyperparameterValue number(double value) { return {.number = value, .flag = {}, .text = {}}; }

TEST(Crc32c, HasItsCheckValue) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(""), 0u);
  // RFC 3720, B.4: 32 bytes of zeroes, and of ones.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
}

TEST(EventFile, HasTheBytesOfTensorboardsOwnWriter) {
  EventFile file(kTime);
  file.add_experiment({{"seed", {number(2), number(1)}}, {"name", {{.number = {}, .flag = {}, .text = "größe \"%<&"}}}},
                      {"mean/gain"});
  file.add_session({{"flag", {.number = {}, .flag = false, .text = {}}}}, "run 1", kTime + 2.5);
  file.add_scalar("mean/gain", 0.25);
  file.add_scalar("größe/<b>", -1);
  file.add_image("bolt/panel", test::small_png(), "bolt_bent.png");
  EXPECT_EQ(file.bytes(), core::read_file(test::golden("exports/events.golden")));
}

TEST(EventFile, RefusesWhatIsNoPicture) {
  EventFile file(kTime);
  test::expect_error<core::DataError>([&] { file.add_image("t", "GIF89a", "images/a.png"); }, {"PNG", "images/a.png"});
}

}  // namespace
}  // namespace normadd::exports
