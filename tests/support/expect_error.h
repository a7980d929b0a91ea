// SPDX-License-Identifier: Apache-2.0
// Asserts that an expression throws the expected kind of error and that its text names what it must.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace normadd::test {

template <typename ErrorType, typename Callable>
void expect_error(Callable callable, const std::vector<std::string>& mentions) {
  try {
    callable();
  } catch (const ErrorType& error) {
    for (const auto& text : mentions) {
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << "'" << text << "' not in: " << error.what();
    }
    return;
  }
  ADD_FAILURE() << "no error was thrown";
}

}  // namespace normadd::test
