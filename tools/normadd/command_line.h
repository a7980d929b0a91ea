// SPDX-License-Identifier: Apache-2.0
// Flags by cxxopts, Hydra's two-letter short flags, and everything else as overrides.
#pragma once

// Commas belong to values here: lists in overrides, texts, file names. A flag takes several values by being repeated.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>
#include <string>
#include <vector>

namespace normadd::tools {

/// A flag as a verb declares it.
struct FlagNote {
  std::string letter;              // without '-'; empty when there is none
  std::vector<std::string> names;  // without "--"
  std::string help;
  bool takes_value = false;
};

/// The flags that a verb would parse from these arguments, without running it; for one thread. Empty when the verb
/// returns before it parses any.
std::vector<FlagNote> note_flags(int (*verb)(const std::vector<std::string>&),
                                 const std::vector<std::string>& arguments);

/// Parses; throws ConfigError with the nearest flag for an unknown one and for a missing value.
cxxopts::ParseResult parse_flags(cxxopts::Options& options, std::vector<std::string> arguments);

/// Throws ConfigError when the flag was not given.
std::string required_flag(const cxxopts::ParseResult& flags, const std::string& name);

/// The values of a flag that may be repeated, or of the arguments without a flag; empty when there is none.
std::vector<std::string> repeated_flag(const cxxopts::ParseResult& flags, const std::string& name);

/// The parts of a flag's comma-separated value, without empty ones.
std::vector<std::string> comma_separated(const cxxopts::ParseResult& flags, const std::string& name);

}  // namespace normadd::tools
