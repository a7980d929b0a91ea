// SPDX-License-Identifier: Apache-2.0
// The answer to a shell's question, in that shell's spelling.
#pragma once

#include <filesystem>
#include <string>

#include "normadd_complete/catalog.h"

namespace normadd::completion {

/// One candidate per line. shell: bash, zsh or fish. Reads COMP_LINE and COMP_POINT (bytes; absent = the end) from the
/// environment, for bash also WORD_BREAKS: bash replaces only what follows the last of those. A blank at the end of a
/// line (bash, zsh) says that the word is finished.
std::string reply(const Catalog& catalog, const std::string& shell, const std::filesystem::path& configs);

}  // namespace normadd::completion
