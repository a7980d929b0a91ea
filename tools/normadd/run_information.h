// SPDX-License-Identifier: Apache-2.0
// The flags of "normadd run" that ask instead of running.
#pragma once

#include "normadd/command_line.h"

namespace normadd::tools {

/// Prints what was asked for; false when nothing was. Throws ConfigError for what a flag cannot be and as compose().
bool answer(const cxxopts::Options& options, const cxxopts::ParseResult& flags);

}  // namespace normadd::tools
