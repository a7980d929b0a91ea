// SPDX-License-Identifier: Apache-2.0
// The flags of "normadd run" and the verbs that take the same overrides: Hydra's, under Hydra's names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/compose.h"
#include "normadd/command_line.h"

namespace normadd::tools {

cxxopts::Options run_options();

/// Hydra's --info may stand without a value, which cxxopts cannot tell from one with a value: adds "all" there.
std::vector<std::string> with_info_value(std::vector<std::string> arguments);

/// --config-name, --config-path, --config-dir and the overrides as arguments without a flag.
void add_composition_flags(cxxopts::Options& options);

/// The folders that the flags and the program's home name, --config-dir first; unchecked.
std::vector<std::filesystem::path> search_paths(const cxxopts::ParseResult& flags);

/// Throws ConfigError when a folder is not there.
config::ComposeRequest composition(const cxxopts::ParseResult& flags);

}  // namespace normadd::tools
