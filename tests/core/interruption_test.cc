// SPDX-License-Identifier: Apache-2.0
#include "core/interruption.h"

#include <gtest/gtest.h>

#include <csignal>

#include "core/progress.h"

namespace normadd::core {
namespace {

class Interruption : public ::testing::Test {
 protected:
  ~Interruption() override {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGUSR1, SIG_DFL);
    std::signal(SIGUSR2, SIG_DFL);
  }
};

TEST_F(Interruption, EndsTheNextStepOnceWithTheShellsExitCode) {
  note_interruptions();
  EXPECT_NO_THROW(stop_if_interrupted());
  Progress progress("work", 3);
  std::raise(SIGINT);
  try {
    progress.advance();
    ADD_FAILURE() << "not stopped";
  } catch (const Interrupted& error) {
    EXPECT_EQ(error.exit_code(), 130);
  }
  EXPECT_NO_THROW(progress.advance());
  std::raise(SIGTERM);
  try {
    stop_if_interrupted();
    ADD_FAILURE() << "not stopped";
  } catch (const Interrupted& error) {
    EXPECT_EQ(error.exit_code(), 143);
  }
}

TEST_F(Interruption, ASchedulersWarningIsToldFromAnOrderAndMayComeTwice) {
  note_interruptions();
  for (const int number : {SIGUSR1, SIGUSR2}) {
    std::raise(number);
    std::raise(number);
    try {
      stop_if_interrupted();
      ADD_FAILURE() << "not stopped";
    } catch (const Interrupted& error) {
      EXPECT_TRUE(error.time_is_up());
      EXPECT_EQ(error.exit_code(), 128 + number);
    }
    EXPECT_NO_THROW(stop_if_interrupted());
  }
  EXPECT_FALSE(Interrupted(SIGTERM).time_is_up());
}

TEST_F(Interruption, ASecondSignalEndsTheProgramAtOnce) {
  EXPECT_EXIT(
      {
        note_interruptions();
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace normadd::core
