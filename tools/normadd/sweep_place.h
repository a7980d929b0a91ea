// SPDX-License-Identifier: Apache-2.0
// What the verbs about sweeps share.
#pragma once

#include <filesystem>
#include <string>

#include "normadd/command_line.h"
#include "sweeps/program_place.h"
#include "sweeps/sweep_folder.h"

namespace normadd::tools {

/// This program, for launchers. directory: where relative paths of the sweep's configuration count from.
sweeps::ProgramPlace program_place(const std::filesystem::path& directory);

/// The sweep that is named, or the newest below results/sweeps. Throws DataError when there is none.
sweeps::SweepFolder named_sweep(const cxxopts::ParseResult& flags);

/// Makes the folder in which the sweep was made the current one. Throws DataError when it is gone.
void enter_directory_of(const sweeps::SweepFolder& sweep);

}  // namespace normadd::tools
