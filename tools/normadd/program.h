// SPDX-License-Identifier: Apache-2.0
// The normadd program as a library, so that tests call it in-process.
#pragma once

#include <string>
#include <vector>

namespace normadd::tools {

/// Runs one command line (without the program's name). Results go to standard output, messages to standard error.
/// Returns 0 done, 1 some runs failed, 2 bad input or configuration, 3 internal error, 128 + N ended by
/// signal N. Never throws.
int run_program(const std::vector<std::string>& arguments);

}  // namespace normadd::tools
