// SPDX-License-Identifier: Apache-2.0
// Flags by cxxopts, Hydra's two-letter short flags, and everything else as overrides.
#pragma once

#include <cxxopts.hpp>
#include <string>
#include <vector>

namespace normadd::tools {

/// Parses; throws ConfigError with the nearest flag for an unknown one and for a missing value.
cxxopts::ParseResult parse_flags(cxxopts::Options& options, std::vector<std::string> arguments);

}  // namespace normadd::tools
