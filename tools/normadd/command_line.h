// SPDX-License-Identifier: Apache-2.0
// Flags by cxxopts, Hydra's two-letter short flags, and everything else as overrides.
#pragma once

#include <cxxopts.hpp>
#include <string>
#include <vector>

namespace normadd::tools {

/// Parses; throws ConfigError with the nearest flag for an unknown one and for a missing value.
cxxopts::ParseResult parse_flags(cxxopts::Options& options, std::vector<std::string> arguments);

/// Throws ConfigError when the flag was not given.
std::string required_flag(const cxxopts::ParseResult& flags, const std::string& name);

/// Every value of a flag that may be repeated (--name VALUE or --name=VALUE), whole: cxxopts would split them at
/// commas, which texts and file names may contain.
std::vector<std::string> repeated_flag(const std::vector<std::string>& arguments, const std::string& name);

}  // namespace normadd::tools
