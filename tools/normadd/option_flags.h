// SPDX-License-Identifier: Apache-2.0
// Options that an algorithm declares in describe(), as flags of a verb: longest_wait_s becomes --longest-wait-s.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/options.h"
#include "normadd/command_line.h"

namespace normadd::tools {

/// short_names: field name -> one letter that stands for it too.
void add_option_flags(cxxopts::Options& options, const std::vector<config::Field>& fields,
                      const std::map<std::string, std::string>& short_names = {});

/// The flags that were given, as a config node for config::read_options. "none" is null where a field may be that.
/// Throws ConfigError naming the flag when a required one is missing.
config::Value option_values(const cxxopts::ParseResult& flags, const std::vector<config::Field>& fields);

/// The struct with what the flags say; ranges and kinds are checked as everywhere.
template <typename OptionsType>
OptionsType options_from_flags(const cxxopts::ParseResult& flags) {
  const config::Value node = option_values(flags, config::fields_of<OptionsType>());
  return config::read_options<OptionsType>(node, "");
}

}  // namespace normadd::tools
