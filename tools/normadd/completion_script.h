// SPDX-License-Identifier: Apache-2.0
// What shells must be told to complete normadd's command lines.
#pragma once

#include <string>

namespace normadd::tools {

/// A script to evaluate. shell: bash, zsh or fish. Throws ConfigError for others.
std::string completion_script(const std::string& shell);

/// The value of Hydra's -sc: install=SHELL, uninstall=SHELL, and query=SHELL, which answers the line in COMP_LINE.
std::string answer_shell(const std::string& request);

}  // namespace normadd::tools
