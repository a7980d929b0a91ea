// SPDX-License-Identifier: Apache-2.0
// The verbs about sweeps, as commands.h has the others, and their way of naming one.
#pragma once

#include <string>

#include "normadd/command_line.h"
#include "normadd/commands.h"

namespace normadd::tools {

int cancel_command(const Arguments& arguments);
int collect_command(const Arguments& arguments);
int resume_command(const Arguments& arguments);
int retry_command(const Arguments& arguments);
int status_command(const Arguments& arguments);
int task_command(const Arguments& arguments);

/// With --help and the positional [SWEEP].
cxxopts::Options sweep_verb_options(const std::string& verb, const std::string& help);

}  // namespace normadd::tools
