// SPDX-License-Identifier: Apache-2.0
// Runs a command line in-process, as main would, and keeps what it printed.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "normadd/program.h"

namespace normadd::tools {

struct Outcome {
  int exit_code = 0;
  std::string out, error;
};

inline Outcome run_quietly(const std::vector<std::string>& arguments) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.exit_code = run_program(arguments);
  std::fflush(stdout);
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.error = testing::internal::GetCapturedStderr();
  return outcome;
}

/// Bad input: exit code 2, nothing on standard output, one sentence of at most three lines that names each of mentions.
inline void expect_refusal(const std::vector<std::string>& arguments, const std::vector<std::string>& mentions) {
  const Outcome outcome = run_quietly(arguments);
  EXPECT_EQ(outcome.exit_code, 2) << outcome.error;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.error.rfind("normadd: ", 0), 0u) << outcome.error;
  EXPECT_LE(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 3) << outcome.error;
  for (const auto& text : mentions) {
    EXPECT_NE(outcome.error.find(text), std::string::npos) << "'" << text << "' not in: " << outcome.error;
  }
}

}  // namespace normadd::tools
