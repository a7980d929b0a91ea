// SPDX-License-Identifier: Apache-2.0
// Texts as single words of a POSIX shell.
#pragma once

#include <string>
#include <string_view>

namespace normadd::sweeps {

/// The text as it stands where nothing in it is special, otherwise in single quotes. Throws ConfigError, naming where
/// the text comes from, for line ends and other control characters: a script is read line by line.
std::string shell_word(std::string_view text, const std::string& where);

/// The text as a value in a line "#SBATCH --key=value", by sbatch's own rules of quoting. Same errors.
std::string sbatch_word(std::string_view text, const std::string& where);

/// Throws that error.
void check_one_line(std::string_view text, const std::string& where);

}  // namespace normadd::sweeps
